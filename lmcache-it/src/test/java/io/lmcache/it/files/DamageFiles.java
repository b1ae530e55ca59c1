// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The directory format as its document tells it, in a few lines of its own: what the adapters share
 * cannot be tested with itself.
 */
final class DamageFiles {

  /** The size of the attribute. */
  static final int ATTRIBUTE_BYTES = 36;

  private static final String ATTRIBUTE = "lmcache";

  private DamageFiles() {}

  /** The file of a key with a plain name, in a flat directory. */
  static Path of(Path base, ObjectKey key) {
    return base.resolve(name(key));
  }

  static String name(ObjectKey key) {
    String salt = key.cacheSalt().isEmpty() ? "" : "@" + key.cacheSalt();
    return String.format(
        "%s@0x%08x@%x@%s%s.data",
        key.modelName().replace("/", "-SEP-"),
        key.kvRank(),
        key.objectGroupId(),
        HexFormat.of().formatHex(key.chunkHash()),
        salt);
  }

  static byte[] attribute(ObjectKey key, long length, byte[] payload) {
    return sealed(fields(1, 1, ATTRIBUTE_BYTES, length, crc(payload, payload.length), key));
  }

  static byte[] attributeWithoutChecksum(ObjectKey key, long length) {
    return sealed(fields(1, 0, ATTRIBUTE_BYTES, length, 0, key));
  }

  /** All but the checksum of the attribute. */
  static byte[] fields(int version, int flags, int size, long length, int crc, ObjectKey key) {
    return ByteBuffer.allocate(ATTRIBUTE_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) version)
        .put((byte) flags)
        .putShort((short) size)
        .putLong(length)
        .putInt(crc)
        .put(sha256(key.toString().getBytes(StandardCharsets.UTF_8)), 0, 16)
        .array();
  }

  /** The same with its last four bytes made the checksum of all before them. */
  static byte[] sealed(byte[] attribute) {
    int end = attribute.length - 4;
    return ByteBuffer.wrap(attribute.clone())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(end, crc(attribute, end))
        .array();
  }

  static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] readAttribute(Path file) throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(view(file).size(ATTRIBUTE));
    view(file).read(ATTRIBUTE, raw);
    return raw.array();
  }

  static void writeAttribute(Path file, byte[] bytes) throws IOException {
    view(file).write(ATTRIBUTE, ByteBuffer.wrap(bytes));
  }

  static void removeAttribute(Path file) throws IOException {
    view(file).delete(ATTRIBUTE);
  }

  private static UserDefinedFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
  }

  /** A file of upstream: payload, and perhaps padding, without attribute. */
  static void writePlain(Path file, byte[] payload, int length) throws IOException {
    Files.write(file, Arrays.copyOf(payload, length));
  }

  /**
   * Everything that must not change of what is at a path and below it: kind, inode, times of the
   * last modification and change, length, bytes, attributes, where a link leads; {@code "nothing"}
   * if nothing is there.
   */
  static String snapshot(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return "nothing";
    }
    Map<String, Object> stat =
        new TreeMap<>(
            Files.readAttributes(
                path,
                "unix:ino,mode,lastModifiedTime,ctime,size,nlink",
                LinkOption.NOFOLLOW_LINKS));
    StringBuilder text = new StringBuilder(path.getFileName() + " " + stat);
    if (Files.isSymbolicLink(path)) {
      text.append(" -> ").append(Files.readSymbolicLink(path));
    } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> below = Files.list(path)) {
        for (Path child : below.sorted().toList()) {
          text.append("\n  ").append(snapshot(child));
        }
      }
    } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      text.append(' ').append(HexFormat.of().formatHex(sha256(Files.readAllBytes(path))));
      for (String attribute : view(path).list().stream().sorted().toList()) {
        ByteBuffer raw = ByteBuffer.allocate(view(path).size(attribute));
        view(path).read(attribute, raw);
        text.append(' ').append(attribute).append('=');
        text.append(HexFormat.of().formatHex(raw.array()));
      }
    }
    return text.toString();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Files as this format, upstream and others write them, and what became of them. */
final class ObjectFiles {

  private static final int LONG = 300;

  private ObjectFiles() {}

  /** A key whose plain name is too long. */
  static ObjectKey longKey(int n) {
    return Raw.key("long/" + "m".repeat(LONG), n);
  }

  /** The payload of a key: no two bytes near each other, and no two keys, are alike. */
  static byte[] payload(ObjectKey key, int size) {
    byte[] payload = new byte[size];
    for (int i = 0; i < size; i++) {
      payload[i] = (byte) (key.hashCode() + 31 * i + (i >> 8));
    }
    return payload;
  }

  /** An object with its attributes, as this format has it. */
  static Path put(Path base, int levels, ObjectKey key, int size) throws Exception {
    ObjectName name = new ObjectNames(levels, true).of(key);
    Path file = putPlain(base, levels, key, size);
    setAttribute(file, attribute(key, size).encode());
    if (name.digest()) {
      setKey(file, key.toString());
    }
    return file;
  }

  /** The payload under the key's name, without attributes, as upstream has it. */
  static Path putPlain(Path base, int levels, ObjectKey key, int size) throws Exception {
    ObjectName name = new ObjectNames(levels, true).of(key);
    Path directory = Files.createDirectories(base.resolve(name.directory()));
    return Files.write(Raw.path(directory, name.file()), payload(key, size));
  }

  static ObjectAttribute attribute(ObjectKey key, int size) {
    CRC32C crc = new CRC32C();
    crc.update(payload(key, size));
    return ObjectAttribute.withChecksum(size, (int) crc.getValue(), KeyDigest.of(key));
  }

  /** A whole attribute of the next version. */
  static byte[] newerAttribute(ObjectKey key, int size) {
    byte[] raw = attribute(key, size).encode();
    raw[0]++;
    CRC32C crc = new CRC32C();
    crc.update(raw, 0, raw.length - Integer.BYTES);
    for (int i = 0; i < Integer.BYTES; i++) {
      raw[raw.length - Integer.BYTES + i] = (byte) (crc.getValue() >> (8 * i));
    }
    return raw;
  }

  static void setAttribute(Path file, byte[] value) throws IOException {
    view(file).write(ObjectAttribute.NAME, ByteBuffer.wrap(value));
  }

  static void setKey(Path file, String key) throws IOException {
    view(file)
        .write(ObjectAttribute.KEY_NAME, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
  }

  static UserDefinedFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
  }

  /**
   * Everything below a directory: path to kind, mode, and of files time, content and attributes.
   * What is below {@code without} is left out.
   */
  static Map<String, String> everythingBelow(Path directory, @Nullable Path without)
      throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.filter(path -> without == null || !path.startsWith(without)).toList();
    }
    Map<String, String> found = new TreeMap<>();
    for (Path path : all) {
      found.put(directory.toUri().relativize(path.toUri()).getRawPath(), describe(path));
    }
    return found;
  }

  private static String describe(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return "link to " + Files.readSymbolicLink(path);
    }
    BasicFileAttributes stat =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    StringBuilder text = new StringBuilder(mode(path));
    if (stat.isRegularFile()) {
      text.append(' ').append(stat.lastModifiedTime()).append(' ').append(stat.fileKey());
      text.append(' ').append(HexFormat.of().formatHex(Files.readAllBytes(path)));
      for (String name : view(path).list().stream().sorted().toList()) {
        ByteBuffer value = ByteBuffer.allocate(view(path).size(name));
        view(path).read(name, value);
        text.append(' ').append(name).append('=').append(HexFormat.of().formatHex(value.array()));
      }
    }
    return text.toString();
  }

  static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}

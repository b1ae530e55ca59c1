// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import io.lmcache.l2.fs.KeyDigest;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.zip.CRC32C;

/** A directory with sound and damaged objects. */
record Ward(Path base) {

  static final int SIZE = 3000;

  static Ward in(Path base) throws IOException {
    return new Ward(Files.createDirectories(base));
  }

  private static ObjectKey key(int n) {
    return ObjectKey.of(new byte[] {(byte) (n >> 8), (byte) n}, "model", 0);
  }

  private Path write(int n, byte[] payload) throws IOException {
    try {
      return Files.write(base.resolve(ObjectFileNames.encode(key(n))), payload);
    } catch (UnsupportedKeyException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] payload(int n) {
    byte[] payload = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      payload[i] = (byte) (31 * n + 7 * i + (i >> 8));
    }
    return payload;
  }

  private static void attribute(Path file, int n, long length, int crc) throws IOException {
    byte[] value = ObjectAttribute.withChecksum(length, crc, KeyDigest.of(key(n))).encode();
    Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
        .write(ObjectAttribute.NAME, ByteBuffer.wrap(value));
  }

  Path sound(int n) throws IOException {
    Path file = write(n, payload(n));
    CRC32C crc = new CRC32C();
    crc.update(payload(n));
    attribute(file, n, SIZE, (int) crc.getValue());
    return file;
  }

  Path corrupt(int n) throws IOException {
    Path file = write(n, payload(n));
    attribute(file, n, SIZE, 4711);
    return file;
  }

  Path empty(int n) throws IOException {
    return write(n, new byte[0]);
  }

  /** Takes no room, and longer to read than any test. */
  Path endless(int n) throws IOException {
    Path file = write(n, new byte[0]);
    long length = 1L << 42;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), length - 1);
    }
    attribute(file, n, length, 4711);
    return file;
  }
}

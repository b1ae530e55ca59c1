// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Very many objects, made without any adapter: files with the right names and no attribute, as
 * upstream writes them. They have lengths and no blocks, which is all that a scan and a lookup ask
 * for.
 */
final class ScaleFiles {

  static final String MODEL = "org/scale-8b";

  private static final String BEFORE = "org-SEP-scale-8b@0x00000000@0@";
  private static final int PRIME = 7919;
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

  private ScaleFiles() {}

  static ObjectKey key(long n) {
    return Content.key(MODEL, n);
  }

  static int size(long n) {
    return (int) (4096 + n % 1000);
  }

  /** All different, and in another order than the files were made. */
  static Instant lastModified(long n, long count) {
    return FIRST.plusMillis(n * PRIME % count);
  }

  /** Which key it is. */
  static long number(ObjectKey key) {
    return ByteBuffer.wrap(key.chunkHash()).getLong(24);
  }

  static String name(long n) {
    return BEFORE + HexFormat.of().formatHex(key(n).chunkHash()) + ".data";
  }

  /** Makes the files 0 to {@code count}, which is no multiple of 7919. */
  static void make(Path base, long count) throws IOException {
    Files.createDirectories(base);
    for (long n = 0; n < count; n++) {
      Path file = base.resolve(name(n));
      try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
        empty.setLength(size(n));
      }
      FileTime time = FileTime.from(lastModified(n, count));
      Files.getFileAttributeView(file, BasicFileAttributeView.class).setTimes(time, null, null);
    }
  }
}

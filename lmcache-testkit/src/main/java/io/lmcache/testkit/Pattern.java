// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes that depend on key, version and offset, so that a byte of another object, of another
 * version or from another place is recognized.
 */
final class Pattern {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Pattern() {}

  /** The byte at an offset. */
  static byte at(ObjectKey key, int version, int offset) {
    return (byte) (word(seed(key, version), offset >>> 3) >>> ((offset & 7) << 3));
  }

  /** Fills a buffer from its position to its limit; its position does not move. */
  static void fill(ByteBuffer buffer, ObjectKey key, int version) {
    ByteBuffer into = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    long seed = seed(key, version);
    int size = into.capacity();
    for (int i = 0; i + 8 <= size; i += 8) {
      into.putLong(i, word(seed, i >>> 3));
    }
    for (int i = size & ~7; i < size; i++) {
      into.put(i, at(key, version, i));
    }
  }

  /** The first offset whose byte is another one, or -1. */
  static int mismatch(ByteBuffer buffer, ObjectKey key, int version) {
    ByteBuffer from = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    long seed = seed(key, version);
    int size = from.capacity();
    int i = 0;
    while (i + 8 <= size && from.getLong(i) == word(seed, i >>> 3)) {
      i += 8;
    }
    while (i < size && from.get(i) == at(key, version, i)) {
      i++;
    }
    return i == size ? -1 : i;
  }

  private static long seed(ObjectKey key, int version) {
    return mix(mix(key.toString().hashCode() * GOLDEN + key.hashCode()) + version * GOLDEN);
  }

  private static long word(long seed, int index) {
    return mix(seed + index * GOLDEN);
  }

  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ a >>> 27) * 0x94D049BB133111EBL;
    return b ^ b >>> 31;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of the bench's objects. Each 8-byte word is a counter-based pseudo-random function of
 * the object's stream and the word's place, so that any byte can be computed on its own, no byte is
 * right at another place or in another object, and nothing compresses.
 *
 * <p>Words are little endian. The last one is cut where the object ends.
 */
final class Content {

  private static final long STEP = 0x9E3779B97F4A7C15L;

  private final long stream;

  /** The content of one object; objects of different streams have nothing in common. */
  Content(long stream) {
    this.stream = stream;
  }

  /** Fills all of the buffer. */
  void fill(ByteBuffer buffer) {
    fill(buffer, 0L);
  }

  /**
   * Fills all of the buffer with the complement: no byte of it is what {@link #fill} would put
   * there, so bytes that nobody wrote since cannot pass for content.
   */
  void poison(ByteBuffer buffer) {
    fill(buffer, -1L);
  }

  private void fill(ByteBuffer buffer, long mask) {
    ByteBuffer bytes = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int size = bytes.limit();
    int whole = size & -Long.BYTES;
    for (int i = 0; i < whole; i += Long.BYTES) {
      bytes.putLong(i, word(i) ^ mask);
    }
    for (int i = whole; i < size; i++) {
      bytes.put(i, (byte) (byteAt(i) ^ mask));
    }
  }

  /** The offset of the first byte that differs, or -1 if all of the buffer is as it should be. */
  int mismatch(ByteBuffer buffer) {
    ByteBuffer bytes = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int size = bytes.limit();
    int whole = size & -Long.BYTES;
    for (int i = 0; i < whole; i += Long.BYTES) {
      long difference = bytes.getLong(i) ^ word(i);
      if (difference != 0) {
        return i + Long.numberOfTrailingZeros(difference) / Byte.SIZE;
      }
    }
    for (int i = whole; i < size; i++) {
      if (bytes.get(i) != byteAt(i)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether the first and the last byte still are as {@link #poison} left them. */
  boolean looksPoisoned(ByteBuffer buffer) {
    int last = buffer.limit() - 1;
    return buffer.get(0) == (byte) ~byteAt(0) && buffer.get(last) == (byte) ~byteAt(last);
  }

  /** The byte at an offset. */
  byte byteAt(int offset) {
    return (byte) (word(offset) >>> (offset % Long.BYTES * Byte.SIZE));
  }

  private long word(int offset) {
    return mix(stream + ((long) offset / Long.BYTES + 1) * STEP);
  }

  /** The finaliser of SplitMix64: every bit of the input reaches every bit of the output. */
  static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

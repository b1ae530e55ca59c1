// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Objects whose bytes depend on key, version and offset, so that a byte of another key, another
 * version or another place is a wrong byte.
 */
final class Content {

  private static final long POISON = 0xA5A5A5A5A5A5A5A5L;

  private Content() {}

  static ObjectKey key(String model, long n) {
    return ObjectKey.of(
        ByteBuffer.allocate(32).putLong(0, n * 0x9E3779B97F4A7C15L).putLong(24, n).array(),
        model,
        0);
  }

  private static long word(ObjectKey key, int version, long offset) {
    long x = (key.hashCode() * 0x9E3779B97F4A7C15L) ^ (version * 0xD1B54A32D192ED03L) ^ offset;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }

  private static byte at(ObjectKey key, int version, int offset) {
    return (byte) (word(key, version, offset & ~7) >>> (8 * (offset & 7)));
  }

  /** New memory that holds the object, aligned to 4096 bytes. */
  static MemoryObject of(ObjectKey key, int version, int size) {
    return of(key, version, size, 1);
  }

  /** The same, with padding up to a multiple of so many bytes. */
  static MemoryObject of(ObjectKey key, int version, int size, int multiple) {
    MemoryObject object = poisoned(size, multiple);
    fill(object, key, version);
    return object;
  }

  /** Overwrites what memory holds with that version of the object. */
  static void fill(MemoryObject object, ObjectKey key, int version) {
    ByteBuffer buffer = object.buffer().order(ByteOrder.LITTLE_ENDIAN);
    int size = object.sizeBytes();
    int offset = 0;
    for (; offset + 8 <= size; offset += 8) {
      buffer.putLong(offset, word(key, version, offset));
    }
    for (; offset < size; offset++) {
      buffer.put(offset, at(key, version, offset));
    }
  }

  /** New memory of other bytes, aligned to 4096 bytes. */
  static MemoryObject poisoned(int size) {
    return poisoned(size, 1);
  }

  /** The same, with padding up to a multiple of so many bytes. */
  static MemoryObject poisoned(int size, int multiple) {
    int physical = Math.multiplyExact((size + multiple - 1) / multiple, multiple);
    ByteBuffer memory = ByteBuffer.allocateDirect(physical + 2 * 4096).alignedSlice(4096);
    MemoryObject object = MemoryObject.padded(memory.slice(0, physical), size);
    poison(object);
    return object;
  }

  /** Overwrites what an object's memory holds, and its padding. */
  static void poison(MemoryObject object) {
    ByteBuffer buffer = object.physical();
    while (buffer.remaining() >= Long.BYTES) {
      buffer.putLong(POISON);
    }
    while (buffer.hasRemaining()) {
      buffer.put((byte) POISON);
    }
  }

  /** Whether nobody wrote into memory since it was poisoned. */
  static boolean isPoisoned(MemoryObject object) {
    ByteBuffer buffer = object.physical();
    boolean poisoned = true;
    while (poisoned && buffer.remaining() >= Long.BYTES) {
      poisoned = buffer.getLong() == POISON;
    }
    while (poisoned && buffer.hasRemaining()) {
      poisoned = buffer.get() == (byte) POISON;
    }
    return poisoned;
  }

  static byte[] bytes(ObjectKey key, int version, int size) {
    byte[] bytes = new byte[size];
    of(key, version, size).buffer().get(bytes);
    return bytes;
  }

  /** Whether memory holds that version of the object, every byte of it. */
  static boolean holds(MemoryObject object, ObjectKey key, int version) {
    return firstWrong(object, key, version) < 0;
  }

  static void assertHolds(MemoryObject object, ObjectKey key, int version) {
    assertThat(firstWrong(object, key, version))
        .as("offset of the first wrong byte of %s, version %d", key, version)
        .isEqualTo(-1);
  }

  private static int firstWrong(MemoryObject object, ObjectKey key, int version) {
    ByteBuffer buffer = object.buffer().order(ByteOrder.LITTLE_ENDIAN);
    int size = object.sizeBytes();
    int offset = 0;
    while (offset + 8 <= size && buffer.getLong(offset) == word(key, version, offset)) {
      offset += 8;
    }
    for (; offset < size; offset++) {
      if (buffer.get(offset) != at(key, version, offset)) {
        return offset;
      }
    }
    return -1;
  }
}

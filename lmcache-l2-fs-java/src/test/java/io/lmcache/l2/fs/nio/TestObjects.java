// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;

/** Keys, and objects whose every byte depends on key, version and offset. */
final class TestObjects {

  private static final byte POISON = (byte) 0xEE;

  private TestObjects() {}

  static ObjectKey key(int n) {
    return ObjectKey.of(
        ByteBuffer.allocate(16).putLong(0xABCDEF0011223344L + n).putLong(n).array(),
        "org/model",
        0x02000200L);
  }

  /** Memory at a multiple of 4096, or so many bytes behind one. */
  static ByteBuffer memory(int bytes, int past) {
    return ByteBuffer.allocateDirect(bytes + past + 2 * 4096).alignedSlice(4096).slice(past, bytes);
  }

  static MemoryObject filled(ObjectKey key, int version, int size) {
    return filled(key, version, size, size, 0);
  }

  /** An object with padding, so many bytes behind a multiple of 4096. */
  static MemoryObject filled(ObjectKey key, int version, int size, int physical, int past) {
    ByteBuffer memory = memory(physical, past);
    for (int i = 0; i < physical; i++) {
      memory.put(i, i < size ? at(key, version, i) : POISON);
    }
    return MemoryObject.padded(memory, size);
  }

  static MemoryObject poisoned(int size) {
    return poisoned(size, size, 0);
  }

  static MemoryObject poisoned(int size, int physical, int past) {
    ByteBuffer memory = memory(physical, past);
    for (int i = 0; i < physical; i++) {
      memory.put(i, POISON);
    }
    return MemoryObject.padded(memory, size);
  }

  static byte[] bytes(ObjectKey key, int version, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = at(key, version, i);
    }
    return bytes;
  }

  static void assertHolds(MemoryObject object, ObjectKey key, int version) {
    byte[] found = new byte[object.sizeBytes()];
    object.buffer().get(found);
    assertThat(found).isEqualTo(bytes(key, version, found.length));
  }

  private static byte at(ObjectKey key, int version, int i) {
    return (byte) (key.hashCode() * 31 + version * 101 + i * 7 + (i >>> 8) * 13 + (i >>> 16));
  }
}

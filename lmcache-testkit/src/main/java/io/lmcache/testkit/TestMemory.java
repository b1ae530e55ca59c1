// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.fail;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Buffers of a test: page-aligned, between two canaries that nobody may write. Safe for use by many
 * threads.
 */
final class TestMemory {

  private static final int PAGE = 4096;
  private static final int CANARY_BEFORE = 64;
  private static final int CANARY_BEHIND = 8192;
  private static final byte CANARY = (byte) 0xC7;
  private static final byte POISON = (byte) 0xA5;
  private static final byte PADDING = (byte) 0x5A;

  private record Block(ByteBuffer whole, int start, int end) {}

  private final List<Block> blocks = new ArrayList<>();

  /** An object that holds the pattern of a key and a version, with padding behind it. */
  MemoryObject filledPadded(ObjectKey key, int version, int size, int physical) {
    ByteBuffer memory = allocate(physical);
    fill(memory, PADDING);
    MemoryObject object = MemoryObject.padded(memory, size);
    Pattern.fill(object.buffer(), key, version);
    return object;
  }

  /** An object to load into, with padding behind it. */
  MemoryObject poisonedPadded(int size, int physical) {
    ByteBuffer memory = allocate(physical);
    fill(memory, POISON);
    return MemoryObject.padded(memory, size);
  }

  /** Poisons an object again. */
  void poison(MemoryObject object) {
    fill(object.physical(), POISON);
  }

  /** Fails unless the object holds the pattern, naming key and offset. */
  static void assertHolds(MemoryObject object, ObjectKey key, int version) {
    int at = Pattern.mismatch(object.buffer(), key, version);
    if (at >= 0) {
      fail(
          "key %s: byte %d of %d is 0x%02x, but 0x%02x was stored (version %d)",
          key,
          at,
          object.sizeBytes(),
          object.buffer().get(at),
          Pattern.at(key, version, at),
          version);
    }
  }

  /** Which of the versions the object holds, whole; -1 for none. */
  static int versionIn(MemoryObject object, ObjectKey key, Iterable<Integer> versions) {
    for (int version : versions) {
      if (Pattern.mismatch(object.buffer(), key, version) < 0) {
        return version;
      }
    }
    return -1;
  }

  /** Fails unless the object is as it was poisoned. */
  static void assertPoisoned(MemoryObject object, String what) {
    int at = differs(object.buffer(), 0, object.sizeBytes(), POISON);
    if (at >= 0) {
      fail("%s: byte %d of the buffer was written, 0x%02x", what, at, object.buffer().get(at));
    }
  }

  /** Fails if anybody wrote beside an object. */
  synchronized void assertCanariesWhole() {
    for (Block block : blocks) {
      int before = differs(block.whole, block.start - CANARY_BEFORE, block.start, CANARY);
      int behind = differs(block.whole, block.end, block.whole.capacity(), CANARY);
      if (before >= 0 || behind >= 0) {
        fail(
            "BUFFER-3: memory beside an object of %d bytes was written, %d bytes %s it",
            block.end - block.start,
            before >= 0 ? block.start - before : behind - block.end + 1,
            before >= 0 ? "before" : "behind the end of");
      }
    }
  }

  private ByteBuffer allocate(int size) {
    ByteBuffer whole = ByteBuffer.allocateDirect(PAGE + CANARY_BEFORE + size + CANARY_BEHIND);
    int start = CANARY_BEFORE + (PAGE - whole.alignmentOffset(CANARY_BEFORE, PAGE)) % PAGE;
    int end = start + size;
    fill(whole.slice(0, start), CANARY);
    fill(whole.slice(end, whole.capacity() - end), CANARY);
    synchronized (this) {
      blocks.add(new Block(whole, start, end));
    }
    return whole.slice(start, size);
  }

  private static void fill(ByteBuffer buffer, byte value) {
    ByteBuffer rest = buffer.duplicate();
    byte[] bytes = new byte[Math.min(rest.remaining(), PAGE)];
    Arrays.fill(bytes, value);
    while (rest.hasRemaining()) {
      rest.put(bytes, 0, Math.min(bytes.length, rest.remaining()));
    }
  }

  private static int differs(ByteBuffer buffer, int from, int to, byte value) {
    for (int i = from; i < to; i++) {
      if (buffer.get(i) != value) {
        return i;
      }
    }
    return -1;
  }
}

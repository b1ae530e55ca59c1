// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.core.memory.MemoryKind;
import io.lmcache.core.memory.NativeMemory;
import io.lmcache.spi.MemoryObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Buffers of one length on huge pages, each beginning on one unless they are small. None may be
 * used once this is closed.
 */
final class Memory implements AutoCloseable {

  private static final int PAGE = 4096;
  private static final byte POISON = (byte) 0xA5;

  private final NativeMemory memory;
  private final List<MemoryObject> slots;

  private Memory(NativeMemory memory, List<MemoryObject> slots) {
    this.memory = memory;
    this.slots = slots;
  }

  static Memory of(int count, int bytes) throws IOException {
    long unit = bytes < NativeMemory.ALIGNMENT ? PAGE : NativeMemory.ALIGNMENT;
    long stride = (bytes + unit - 1) / unit * unit;
    NativeMemory memory = NativeMemory.allocate(count * stride);
    List<MemoryObject> slots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      slots.add(MemoryObject.of(memory.buffer(i * stride, bytes)));
    }
    return new Memory(memory, slots);
  }

  MemoryObject slot(int i) {
    return slots.get(i);
  }

  /** Fills all with bytes that do not compress; the same ones for the same seed. */
  Memory random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (MemoryObject slot : slots) {
      ByteBuffer buffer = slot.buffer().order(ByteOrder.LITTLE_ENDIAN);
      while (buffer.remaining() >= Long.BYTES) {
        buffer.putLong(random.nextLong());
      }
      while (buffer.hasRemaining()) {
        buffer.put((byte) random.nextInt());
      }
    }
    return this;
  }

  /** Fills all with something that is no content. */
  Memory poison() {
    for (MemoryObject slot : slots) {
      ByteBuffer buffer = slot.buffer();
      byte[] poison = new byte[Math.min(1 << 20, buffer.remaining())];
      Arrays.fill(poison, POISON);
      while (buffer.hasRemaining()) {
        buffer.put(poison, 0, Math.min(poison.length, buffer.remaining()));
      }
    }
    return this;
  }

  /**
   * Compares the first buffers with those of another memory, byte by byte.
   *
   * @throws IllegalStateException if one differs
   */
  void mustEqual(Memory other, int count, String what) {
    for (int i = 0; i < count; i++) {
      int at = slot(i).buffer().mismatch(other.slot(i).buffer());
      if (at >= 0) {
        throw new IllegalStateException(what + ": byte " + at + " of buffer " + i + " is wrong");
      }
    }
  }

  MemoryKind kind() throws IOException {
    return memory.kind();
  }

  @Override
  public void close() {
    memory.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.FailureException;
import io.lmcache.core.memory.MemoryKind;
import io.lmcache.core.memory.NativeMemory;
import io.lmcache.spi.MemoryObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one round, one padded slot per key: on huge pages where the system has them, else
 * in direct buffers of the JVM. No slot may be used once this is closed.
 */
final class Slots implements AutoCloseable {

  private static final int SHARED_BYTES = 64 << 20;

  private final List<MemoryObject> objects;
  private final @Nullable NativeMemory memory;
  private final MemoryKind unpaged;

  private Slots(List<MemoryObject> objects, @Nullable NativeMemory memory, MemoryKind unpaged) {
    this.objects = objects;
    this.memory = memory;
    this.unpaged = unpaged;
  }

  /**
   * Allocates.
   *
   * @throws FailureException if there is not as much memory
   */
  static Slots allocate(int count, SlotLayout layout) {
    if (count == 0) {
      return new Slots(List.of(), null, new MemoryKind(0, 0, "none", ""));
    }
    Optional<String> unavailable = NativeMemory.unavailable();
    return unavailable.isPresent()
        ? ofTheJvm(count, layout, unavailable.get())
        : ofTheSystem(count, layout);
  }

  private static Slots ofTheSystem(int count, SlotLayout layout) {
    NativeMemory memory;
    try {
      memory = NativeMemory.allocate(layout.bytes(count));
    } catch (IOException e) {
      throw new FailureException(
          "the system does not give the memory for the buffers ("
              + e.getMessage()
              + "): lower --num-keys, --in-flight or --data-size-kb",
          e);
    }
    // The memory begins on a huge page, which is not enough for a unit above that.
    int first = first(memory.buffer(0, 1), layout);
    List<MemoryObject> slots = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ByteBuffer slot = memory.buffer(first + i * layout.strideBytes(), layout.slotBytes());
      slots.add(MemoryObject.padded(slot, layout.objectBytes()));
    }
    return new Slots(slots, memory, new MemoryKind(memory.bytes(), 0, "unknown", ""));
  }

  /**
   * Allocates direct buffers. Small slots share one, as each costs an allocation of its own.
   *
   * @param why why not better ones
   * @throws FailureException if the JVM may not have as much memory outside of its heap
   */
  static Slots ofTheJvm(int count, SlotLayout layout, String why) {
    long bytes = (long) count * layout.slotBytes();
    try {
      MemoryKind kind = new MemoryKind(bytes, 0, "direct buffers of the JVM", why);
      return new Slots(slotsOfTheJvm(count, layout), null, kind);
    } catch (OutOfMemoryError e) {
      if (!String.valueOf(e.getMessage()).contains("direct")) {
        throw e; // the heap, which is another limit
      }
      throw new FailureException(
          "the JVM's limit of direct memory does not hold the "
              + Figures.binary(bytes)
              + " of buffers: raise -XX:MaxDirectMemorySize (LMCACHE_JAVA_OPTS), or lower"
              + " --num-keys, --in-flight or --data-size-kb",
          e);
    }
  }

  private static List<MemoryObject> slotsOfTheJvm(int count, SlotLayout layout) {
    int slotBytes = layout.slotBytes();
    int spacing = layout.spacingBytes();
    int perBuffer = Math.max(1, SHARED_BYTES / spacing);
    List<MemoryObject> slots = new ArrayList<>(count);
    while (slots.size() < count) {
      int here = Math.min(perBuffer, count - slots.size());
      ByteBuffer raw =
          ByteBuffer.allocateDirect(
              Math.addExact(here * spacing + layout.firstByte(), layout.alignment() - 1));
      int first = first(raw, layout);
      for (int i = 0; i < here; i++) {
        ByteBuffer slot = raw.slice(first + i * spacing, slotBytes);
        slots.add(MemoryObject.padded(slot, layout.objectBytes()));
      }
    }
    return slots;
  }

  /** Where the first slot begins. */
  private static int first(ByteBuffer memory, SlotLayout layout) {
    int past = memory.alignmentOffset(0, layout.alignment());
    return (past == 0 ? 0 : layout.alignment() - past) + layout.firstByte();
  }

  MemoryObject get(int index) {
    return objects.get(index);
  }

  /** What the slots are made of; to be asked once they were used. */
  MemoryKind kind() {
    if (memory == null) {
      return unpaged;
    }
    try {
      return memory.kind();
    } catch (IOException e) {
      return new MemoryKind(unpaged.bytes(), 0, "unknown", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }
}

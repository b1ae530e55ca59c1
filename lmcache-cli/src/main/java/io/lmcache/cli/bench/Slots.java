// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.FailureException;
import io.lmcache.spi.MemoryObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers of one round, one page-aligned and padded slot per key. Small slots share a buffer,
 * as every buffer costs an allocation of its own.
 */
final class Slots {

  private static final int SHARED_BYTES = 64 << 20;

  private final List<MemoryObject> objects;

  private Slots(List<MemoryObject> objects) {
    this.objects = objects;
  }

  /**
   * Allocates.
   *
   * @throws FailureException if the JVM may not have as much memory outside of its heap
   */
  static Slots allocate(int count, BenchPlan plan) {
    try {
      return new Slots(List.copyOf(slots(count, plan)));
    } catch (OutOfMemoryError e) {
      if (!String.valueOf(e.getMessage()).contains("direct")) {
        throw e; // the heap, which is another limit
      }
      throw new FailureException(
          "the JVM's limit of direct memory does not hold the "
              + Figures.binary(plan.bufferBytes())
              + " of buffers: raise -XX:MaxDirectMemorySize (LMCACHE_JAVA_OPTS), or lower"
              + " --num-keys, --in-flight or --data-size-kb",
          e);
    }
  }

  private static List<MemoryObject> slots(int count, BenchPlan plan) {
    int slotBytes = plan.slotBytes();
    int perBuffer = Math.max(1, SHARED_BYTES / slotBytes);
    List<MemoryObject> slots = new ArrayList<>(count);
    while (slots.size() < count) {
      int here = Math.min(perBuffer, count - slots.size());
      ByteBuffer raw = ByteBuffer.allocateDirect(here * slotBytes + BenchPlan.PAGE - 1);
      ByteBuffer aligned = raw.alignedSlice(BenchPlan.PAGE);
      for (int i = 0; i < here; i++) {
        slots.add(MemoryObject.padded(aligned.slice(i * slotBytes, slotBytes), plan.objectBytes()));
      }
    }
    return slots;
  }

  MemoryObject get(int index) {
    return objects.get(index);
  }
}

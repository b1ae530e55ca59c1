// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.core.memory.MemoryKind;

/**
 * The memory of a run. Loads have slots of their own, so that what a store left in memory cannot
 * pass for what a load brought.
 *
 * <p>It is made before the adapter is opened, filled when the adapter's wishes are known, and
 * closed after the adapter is: no thread of an adapter may find it gone.
 */
final class BenchMemory implements AutoCloseable {

  private Slots store = Slots.allocate(0, new SlotLayout(1, SlotLayout.PAGE, false));
  private Slots load = store;

  /** Takes the memory. */
  void allocate(BenchPlan plan, SlotLayout layout) {
    store = Slots.allocate(plan.runs(OperationKind.STORE) ? plan.keysPerRound() : 0, layout);
    load = Slots.allocate(plan.runs(OperationKind.LOAD) ? plan.keysPerRound() : 0, layout);
  }

  /** The slots of store rounds; none if there are none. */
  Slots store() {
    return store;
  }

  /** The slots of load rounds; none if there are none. */
  Slots load() {
    return load;
  }

  /** What all of it is made of; to be asked after the run. */
  MemoryKind kind() {
    MemoryKind stored = store.kind();
    return stored.bytes() == 0 ? load.kind() : stored.and(load.kind());
  }

  @Override
  public void close() {
    try {
      store.close();
    } finally {
      load.close();
    }
  }
}

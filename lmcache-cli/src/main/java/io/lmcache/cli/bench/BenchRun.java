// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.L2Adapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One run against one open adapter: all store rounds, then all lookup rounds, then all load rounds,
 * then the clean-up, which comes whatever happened before.
 */
final class BenchRun {

  /**
   * The memory of a run. Loads have slots of their own, so that what a store left in memory cannot
   * pass for what a load brought.
   *
   * @param store the slots of store rounds; none if there are none
   * @param load the slots of load rounds; none if there are none
   */
  record Memory(Slots store, Slots load) {

    static Memory allocate(BenchPlan plan) {
      int keys = plan.keysPerRound();
      return new Memory(
          Slots.allocate(plan.runs(OperationKind.STORE) ? keys : 0, plan),
          Slots.allocate(plan.runs(OperationKind.LOAD) ? keys : 0, plan));
    }
  }

  private final BenchPlan plan;
  private final BenchKeys keys;
  private final StoredKeys stored;
  private final Memory memory;
  private final BooleanSupplier stop;
  private final Progress progress;
  private final Failures failures = new Failures();

  BenchRun(
      BenchPlan plan,
      BenchKeys keys,
      StoredKeys stored,
      Memory memory,
      BooleanSupplier stop,
      Progress progress) {
    this.plan = plan;
    this.keys = keys;
    this.stored = stored;
    this.memory = memory;
    this.stop = stop;
    this.progress = progress;
  }

  BenchReport run(String type, L2Adapter adapter) {
    List<PhaseResult> phases = new ArrayList<>();
    LookupOperation lookup = new LookupOperation(plan, keys, adapter);
    LoadOperation load = new LoadOperation(plan, keys, adapter, memory.load(), stop);
    Cleanup.Report cleanup;
    try {
      for (OperationKind kind : plan.operations()) {
        phases.add(
            switch (kind) {
              case STORE ->
                  phase(new StoreOperation(plan, keys, adapter, memory.store(), stored, stop));
              case LOOKUP -> phase(lookup);
              case LOAD -> phase(load);
            });
      }
    } finally {
      progress.show(plan.cleansUp() ? "cleaning up" : "");
      cleanup = cleanUp(adapter, phases);
      progress.clear();
    }
    return new BenchReport(
        plan,
        type,
        keys.universe(),
        phases,
        plan.runs(OperationKind.LOOKUP) ? Optional.of(lookup.hits()) : Optional.empty(),
        new BenchReport.Verification(plan.verify(), load.bytesCompared(), load.mismatches()),
        cleanup,
        failures.kinds());
  }

  private PhaseResult phase(Operation<?> operation) {
    return new Phase<>(plan, operation, failures, stop, progress).run();
  }

  private Cleanup.Report cleanUp(L2Adapter adapter, List<PhaseResult> phases) {
    if (plan.cleansUp()) {
      return new Cleanup(adapter, failures).delete(stored);
    }
    long kept =
        phases.stream()
            .filter(phase -> phase.kind() == OperationKind.STORE)
            .mapToLong(PhaseResult::okInAll)
            .sum();
    return new Cleanup.Report(0, 0, 0, kept);
  }
}

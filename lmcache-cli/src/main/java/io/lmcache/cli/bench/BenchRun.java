// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.Progress;
import io.lmcache.spi.L2Adapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One run against one open adapter: all store rounds, then all lookup rounds, then all load rounds,
 * then the clean-up, which comes whatever happened before.
 *
 * <p>With {@code --cold} all load rounds come twice. The first time the pages of each round's files
 * are dropped right before the round, and the phase is called cold only if not one page was left of
 * any file; else nothing is claimed of it, and there is no second one to compare.
 */
final class BenchRun {

  private final BenchPlan plan;
  private final BenchKeys keys;
  private final StoredKeys stored;
  private final BenchMemory memory;
  private final BooleanSupplier stop;
  private final Progress progress;
  private final Failures failures = new Failures();
  private final List<PhaseReport> phases = new ArrayList<>();
  private Optional<String> notCold = Optional.empty();
  private long hits;

  BenchRun(
      BenchPlan plan,
      BenchKeys keys,
      StoredKeys stored,
      BenchMemory memory,
      BooleanSupplier stop,
      Progress progress) {
    this.plan = plan;
    this.keys = keys;
    this.stored = stored;
    this.memory = memory;
    this.stop = stop;
    this.progress = progress;
  }

  /** Runs; once. */
  BenchReport run(String type, L2Adapter adapter) {
    Cleanup.Report cleanup;
    try {
      for (OperationKind kind : plan.operations()) {
        switch (kind) {
          case STORE -> store(adapter);
          case LOOKUP -> lookup(adapter);
          case LOAD -> load(adapter);
        }
      }
    } finally {
      progress.show(plan.cleansUp() ? "cleaning up" : "");
      cleanup = cleanUp(adapter);
      progress.clear();
    }
    return new BenchReport(
        plan,
        type,
        keys.universe(),
        memory.kind(),
        phases,
        notCold,
        plan.runs(OperationKind.LOOKUP) ? Optional.of(hits) : Optional.empty(),
        cleanup,
        failures.kinds());
  }

  private void store(L2Adapter adapter) {
    AdapterDetails before = AdapterDetails.of(adapter);
    Operation<?> operation = new StoreOperation(plan, keys, adapter, memory.store(), stored, stop);
    PhaseResult result = phase("store", operation);
    DirectUse use = AdapterDetails.of(adapter).since(before);
    phases.add(
        PhaseReport.of("store", result).cacheState(CacheStates.ofStore(before, use)).direct(use));
  }

  private void lookup(L2Adapter adapter) {
    LookupOperation operation = new LookupOperation(plan, keys, adapter);
    PhaseResult result = phase("lookup", operation);
    hits = operation.hits();
    phases.add(
        PhaseReport.of("lookup", result)
            .cacheState(CacheStates.ofLookup(plan, AdapterDetails.of(adapter))));
  }

  private void load(L2Adapter adapter) {
    AdapterDetails details = AdapterDetails.of(adapter);
    if (!plan.cold()) {
      PhaseReport phase = load(adapter, "load", round -> {});
      DirectUse use = phase.direct().orElseThrow();
      phases.add(phase.cacheState(CacheStates.ofLoad(plan, details, use)));
      return;
    }
    progress.show("looking for the files");
    ColdFiles cold = ColdFiles.find(details, plan, keys, objects(), stop);
    ObjectFiles files = cold.files();
    if (files == null) {
      phases.add(notCold(load(adapter, "load", round -> {}), cold.problem()));
    } else {
      loadColdThenWarm(adapter, details, files);
    }
  }

  private void loadColdThenWarm(L2Adapter adapter, AdapterDetails details, ObjectFiles files) {
    Residency before = new Residency();
    PhaseReport first =
        load(adapter, "cold_load", round -> before.drop(files.of(round))).pages(before.found());
    Optional<String> problem = before.problem();
    if (problem.isPresent()) {
      phases.add(notCold(first, problem.get() + ColdFiles.fileSystem(details)));
      return;
    }
    phases.add(first.cacheState("cold: dropped before each round: " + before.found().line()));
    Residency again = new Residency();
    PhaseReport second =
        load(adapter, "warm_load", round -> again.count(files.of(round))).pages(again.found());
    phases.add(second.cacheState(CacheStates.again(again.found())));
  }

  private PhaseReport notCold(PhaseReport phase, String why) {
    notCold = Optional.of(why);
    return phase.named("load").cacheState("unknown: " + why);
  }

  /** How many objects there are to load. */
  private long objects() {
    return phases.stream()
        .filter(phase -> phase.kind() == OperationKind.STORE)
        .mapToLong(phase -> phase.result().okInAll())
        .findFirst()
        .orElse(plan.allKeys());
  }

  private PhaseReport load(L2Adapter adapter, String name, Consumer<RoundId> beforeRound) {
    AdapterDetails before = AdapterDetails.of(adapter);
    LoadOperation operation = new LoadOperation(plan, keys, adapter, memory.load(), stop);
    PhaseResult result = phase(name, new AfterPreparing<>(operation, beforeRound));
    return PhaseReport.of(name, result)
        .direct(AdapterDetails.of(adapter).since(before))
        .verification(
            new BenchReport.Verification(
                plan.verify(), operation.bytesCompared(), operation.mismatches()));
  }

  private PhaseResult phase(String name, Operation<?> operation) {
    return new Phase<>(name, plan, operation, failures, stop, progress).run();
  }

  private Cleanup.Report cleanUp(L2Adapter adapter) {
    if (plan.cleansUp()) {
      return new Cleanup(adapter, failures).delete(stored);
    }
    long kept =
        phases.stream()
            .filter(phase -> phase.kind() == OperationKind.STORE)
            .mapToLong(phase -> phase.result().okInAll())
            .sum();
    return new Cleanup.Report(0, 0, 0, kept);
  }
}

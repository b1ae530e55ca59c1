// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.core.memory.MemoryKind;
import java.util.List;
import java.util.Optional;

/**
 * What a run came to.
 *
 * @param plan what was asked for
 * @param adapterType the adapter's type
 * @param runId what tells this run's keys from those of others
 * @param memory what the buffers were made of
 * @param phases what was run, in order
 * @param notCold why {@code --cold} was not done, if it was asked for
 * @param hits keys found in measured lookup rounds, if there were any
 * @param cleanup what became of the keys
 * @param failures everything that went wrong
 */
record BenchReport(
    BenchPlan plan,
    String adapterType,
    String runId,
    MemoryKind memory,
    List<PhaseReport> phases,
    Optional<String> notCold,
    Optional<Long> hits,
    Cleanup.Report cleanup,
    List<Failures.Kind> failures) {

  /**
   * How loaded bytes were checked.
   *
   * @param performed whether all of them were
   * @param bytesCompared how many, warm-up included
   * @param mismatches objects that were not what was stored
   */
  record Verification(boolean performed, long bytesCompared, long mismatches) {}

  /**
   * Whether every key of every phase went as it should, and past the page cache if that was asked
   * for; a run without any is not good.
   */
  boolean good() {
    return failures.isEmpty()
        && notCold.isEmpty()
        && notDirect().isEmpty()
        && phases.size() == plan.phases()
        && phases.stream().allMatch(phase -> phase.result().ok() == plan.measuredKeys());
  }

  /** The phases whose figures are of the page cache though they should not be. */
  List<PhaseReport> notDirect() {
    return phases.stream()
        .filter(phase -> phase.direct().filter(DirectUse::missed).isPresent())
        .toList();
  }

  long expectedHits() {
    return (long) plan.hitsPerRound() * plan.rounds();
  }

  /** All comparisons of the run together. */
  Verification verification() {
    List<Verification> all = phases.stream().flatMap(p -> p.verification().stream()).toList();
    return new Verification(
        plan.verify(),
        all.stream().mapToLong(Verification::bytesCompared).sum(),
        all.stream().mapToLong(Verification::mismatches).sum());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.List;
import java.util.Optional;

/**
 * What a run came to.
 *
 * @param plan what was asked for
 * @param adapterType the adapter's type
 * @param runId what tells this run's keys from those of others
 * @param phases the operations that were run, in order
 * @param hits keys found in measured lookup rounds, if there were any
 * @param verification what was compared
 * @param cleanup what became of the keys
 * @param failures everything that went wrong
 */
record BenchReport(
    BenchPlan plan,
    String adapterType,
    String runId,
    List<PhaseResult> phases,
    Optional<Long> hits,
    Verification verification,
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

  /** Whether every key of every operation went as it should; a run without any is not good. */
  boolean good() {
    return failures.isEmpty()
        && phases.size() == plan.operations().size()
        && phases.stream().allMatch(phase -> phase.ok() == plan.measuredKeys());
  }

  long expectedHits() {
    return (long) plan.hitsPerRound() * plan.rounds();
  }

  /** What the page cache may have done to the figures of an operation. */
  String cacheState(OperationKind kind) {
    if (kind == OperationKind.STORE) {
      return "not synced: data may still be in the page cache";
    }
    return plan.only().isPresent()
        ? "unknown"
        : "warm: written by this run, not dropped from the page cache";
  }
}

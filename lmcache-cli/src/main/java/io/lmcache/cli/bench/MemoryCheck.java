// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Map;
import java.util.Optional;

/**
 * Refuses runs whose buffers would take more than half of the memory: what is measured then is
 * swapping, or the process is killed.
 */
final class MemoryCheck {

  private MemoryCheck() {}

  /** What is wrong with the plan on a machine of so much memory, if anything is. */
  static Optional<String> problem(BenchPlan plan, SlotLayout layout, long memoryBytes) {
    long needed = plan.bufferBytes(layout);
    if (needed <= memoryBytes / 2) {
      return Optional.empty();
    }
    return Optional.of(
        "the buffers would take "
            + Figures.binary(needed)
            + padding(layout)
            + ", more than half of the "
            + Figures.binary(memoryBytes)
            + " of memory here: lower "
            + largest(plan));
  }

  /**
   * Said where it is much of it: then no flag is to blame, but the adapter's wish or the plan's.
   */
  private static String padding(SlotLayout layout) {
    return layout.strideBytes() < 2L * layout.objectBytes() || layout.unit() <= SlotLayout.PAGE
        ? ""
        : " with objects padded to " + Figures.binary(layout.strideBytes());
  }

  /** The flag that is furthest above its default. */
  private static String largest(BenchPlan plan) {
    Map<String, Double> excess =
        Map.of(
            "--num-keys", plan.numKeys() / 32.0,
            "--in-flight", (double) plan.inFlight(),
            "--data-size-kb", plan.objectBytes() / (256.0 * 1024));
    return excess.entrySet().stream()
        .max(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElseThrow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

/** In words, what the page cache may have done to a phase's figures where nobody looked. */
final class CacheStates {

  private static final String NO_FILES = "unknown: the adapter names no directory of files";

  private CacheStates() {}

  /** Of stores, of which the adapter says what it did about direct I/O meanwhile. */
  static String ofStore(AdapterDetails adapter, DirectUse use) {
    if (adapter.directory().isEmpty()) {
      return NO_FILES;
    }
    return adapter.syncs()
        ? "synced: a store waits for the disk"
        : past(use, "not synced: data may still be in the page cache");
  }

  static String ofLookup(BenchPlan plan, AdapterDetails adapter) {
    return adapter.directory().isEmpty() ? NO_FILES : written(plan);
  }

  /** Of loads, the same as of stores. */
  static String ofLoad(BenchPlan plan, AdapterDetails adapter, DirectUse use) {
    return adapter.directory().isEmpty() ? NO_FILES : past(use, written(plan));
  }

  private static String past(DirectUse use, String otherwise) {
    boolean past = use.buffered() == 0 && (use.direct() > 0 || use.counters().isEmpty());
    if (use.effective() && past) {
      return "past the page cache, as far as the adapter's odirect says";
    }
    return use.buffered() == 0 || use.direct() == 0
        ? otherwise
        : use.bufferedPart() + " not direct, and of those " + otherwise;
  }

  /** Of what was loaded a second time. */
  static String again(Residency.Found found) {
    String state =
        found.residentBytes() == 0
            ? "not cached though "
            : found.cachedBytes() == found.bytes()
                ? "warm: "
                : "partly cached ("
                    + Figures.binary(found.cachedBytes())
                    + " of "
                    + Figures.binary(found.bytes())
                    + ") though ";
    return state + "loaded before: " + found.line();
  }

  private static String written(BenchPlan plan) {
    return plan.only().isPresent()
        ? "unknown"
        : "warm: written by this run, not dropped from the page cache";
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What went wrong, one entry per kind, with the first key of each. For one thread. */
final class Failures {

  /**
   * One kind of failure.
   *
   * @param operation what was tried: a phase, or the clean-up
   * @param warmup whether it was in a warm-up round
   * @param outcome what came of it
   * @param count how many keys
   * @param firstKey the first of them
   * @param error what the adapter, or the comparison, said about the first; may be empty
   */
  record Kind(
      String operation,
      boolean warmup,
      String outcome,
      long count,
      ObjectKey firstKey,
      String error) {

    private Kind oneMore() {
      return new Kind(operation, warmup, outcome, count + 1, firstKey, error);
    }

    /** One line for people. */
    String line() {
      return PhaseReport.title(operation)
          + (warmup ? " (warm-up)" : "")
          + ": "
          + Figures.count(count, "key")
          + " "
          + outcome
          + ", first "
          + firstKey
          + (error.isEmpty() ? "" : ": " + error);
    }
  }

  private record Distinction(
      String operation, boolean warmup, String outcome, @Nullable Object cause) {}

  private final Map<Distinction, Kind> kinds = new LinkedHashMap<>();

  /** Counts a key that an adapter answered. */
  void add(
      String operation, boolean warmup, Enum<?> outcome, ObjectKey key, @Nullable L2Error error) {
    Object cause = error == null ? null : List.of(error.code(), error.nativeCode());
    add(
        new Distinction(operation, warmup, outcome.name(), cause),
        key,
        error == null ? "" : error.toString());
  }

  /** Counts a key that the bench itself judged. */
  void add(String operation, boolean warmup, String outcome, ObjectKey key, String text) {
    add(new Distinction(operation, warmup, outcome, null), key, text);
  }

  private void add(Distinction kind, ObjectKey key, String text) {
    kinds.merge(
        kind,
        new Kind(kind.operation(), kind.warmup(), kind.outcome(), 1, key, text),
        (before, one) -> before.oneMore());
  }

  List<Kind> kinds() {
    return new ArrayList<>(kinds.values());
  }

  boolean isEmpty() {
    return kinds.isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Counts the keys that failed, by operation and error, and judges by them how the storage is doing.
 *
 * <p>Each operation is judged by itself: on a full disk every store fails while every load
 * succeeds, and a load says nothing about stores. What a caller is to blame for is counted, and
 * judges nobody. Safe for use by many threads: one short lock, which successes take only while a
 * failure is remembered.
 */
final class Failures {

  /**
   * How many kinds of error are told apart: a storage may name each failure by a number of its own.
   */
  private static final int MOST_WAYS = 100;

  private static final String OTHER = "OTHER";

  /** What is known of one operation. Guarded by the lock. */
  private static final class History {
    final FailureWindow window = new FailureWindow();
    final Map<String, Long> counts = new TreeMap<>();
    String lastError = "";

    /** Whether none is remembered, so that a success changes nothing; read without the lock. */
    volatile boolean calm = true;
  }

  private final Map<Operation, History> histories = new EnumMap<>(Operation.class);

  /** Whether no operation fails too often; written under the lock. */
  private volatile boolean well = true;

  Failures() {
    for (Operation operation : Operation.values()) {
      histories.put(operation, new History());
    }
  }

  private History of(Operation operation) {
    return Objects.requireNonNull(histories.get(operation));
  }

  /** A key failed. */
  synchronized void failed(Operation operation, L2Error error) {
    History history = of(operation);
    String way = error.nativeCode().isEmpty() ? error.code().name() : error.nativeCode();
    boolean many = history.counts.size() >= MOST_WAYS && !history.counts.containsKey(way);
    history.counts.merge(many ? OTHER : way, 1L, Long::sum);
    if (isOfTheStorage(error.code())) {
      history.calm = false;
      history.window.failed();
      history.lastError = StorageErrors.oneLine(error.text());
      well &= !history.window.isFailing();
    }
  }

  /** The storage did what so many keys asked for. */
  void succeeded(Operation operation, int keys) {
    History history = of(operation);
    if (!history.calm && keys > 0) {
      succeeded(history, keys);
    }
  }

  private synchronized void succeeded(History history, int keys) {
    for (int i = 0; i < Math.min(keys, FailureWindow.LAST); i++) {
      history.window.succeeded();
    }
    history.calm = history.window.isCalm();
    well = histories.values().stream().noneMatch(h -> h.window.isFailing());
  }

  private static boolean isOfTheStorage(L2ErrorCode code) {
    return switch (code) {
      case IO, NO_SPACE, ACCESS, UNAVAILABLE, INTERNAL -> true;
      case CLOSED, DEADLINE, UNSUPPORTED_KEY, TOO_LARGE, MISALIGNED, DECLINED -> false;
    };
  }

  /** DEGRADED while an operation fails too often. */
  Condition condition() {
    return well ? Condition.OK : conditionAfterFailures();
  }

  private synchronized Condition conditionAfterFailures() {
    List<String> reasons = new ArrayList<>();
    histories.forEach(
        (operation, history) -> {
          if (history.window.isFailing()) {
            reasons.add(
                history.window.howOften(name(operation) + "s")
                    + ", the last: "
                    + history.lastError);
          }
        });
    return reasons.isEmpty()
        ? Condition.OK
        : new Condition(Health.DEGRADED, String.join("; ", reasons));
  }

  private static String name(Operation operation) {
    return operation.name().toLowerCase(Locale.ROOT);
  }

  /** How many keys failed, by operation and error. */
  synchronized List<FailureCount> counts() {
    List<FailureCount> all = new ArrayList<>();
    histories.forEach(
        (operation, history) ->
            history.counts.forEach(
                (error, count) -> all.add(new FailureCount(name(operation), error, count))));
    return all;
  }
}

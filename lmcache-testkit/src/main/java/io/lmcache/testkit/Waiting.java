// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what nobody signals, such as the end of a native thread. */
final class Waiting {

  private static final long PAUSE_NANOS = 200_000;

  private Waiting() {}

  /** Whether the condition holds within the patience. */
  static boolean until(BooleanSupplier condition, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    boolean holds = condition.getAsBoolean();
    while (!holds && System.nanoTime() < end) {
      LockSupport.parkNanos(PAUSE_NANOS);
      holds = condition.getAsBoolean();
    }
    return holds;
  }

  /**
   * What is found once nothing more is found, twice in a row, or the patience is over: a look at
   * {@code /proc} may miss what is there.
   */
  static List<String> untilNone(Supplier<List<String>> found, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    List<String> last = found.get();
    int empty = last.isEmpty() ? 1 : 0;
    while (empty < 2 && System.nanoTime() < end) {
      LockSupport.parkNanos(PAUSE_NANOS);
      last = found.get();
      empty = last.isEmpty() ? empty + 1 : 0;
    }
    return last;
  }
}

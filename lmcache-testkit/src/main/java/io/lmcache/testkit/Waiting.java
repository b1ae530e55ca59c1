// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

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
}

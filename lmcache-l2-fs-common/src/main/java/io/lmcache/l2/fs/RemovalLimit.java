// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many corrupt files may be removed: {@value #REMOVALS} in any 60 s. One file may be damaged; a
 * stream of them is a bug or bad memory, which must not empty a cache.
 *
 * <p>Whoever is refused keeps the file. The limit is <em>tripped</em> from the first refusal until
 * 60 s have passed without one, which an adapter shows as DEGRADED; removals are granted again as
 * soon as fewer than {@value #REMOVALS} lie in the last 60 s, tripped or not.
 *
 * <p>Safe for use by many threads; waits for nothing but its own lock.
 */
public final class RemovalLimit {

  /** Removals that are granted in any window. */
  public static final int REMOVALS = 16;

  /** The window. */
  static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final LongSupplier nanoClock;
  private final Object lock = new Object();

  // Guarded by the lock. The times of the last grants, a ring: `next` is the oldest once full.
  private final long[] grants = new long[REMOVALS];
  private int granted;
  private int next;
  private boolean refused;
  private long lastRefusal;

  /**
   * A limit of which nothing is used.
   *
   * @param nanoClock as {@link System#nanoTime()}
   */
  public RemovalLimit(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** Asks to remove one file; false if it must be kept. */
  public boolean tryAcquire() {
    synchronized (lock) {
      long now = nanoClock.getAsLong();
      if (granted == REMOVALS && now - grants[next] < WINDOW_NANOS) {
        refused = true;
        lastRefusal = now;
        return false;
      }
      grants[next] = now;
      next = (next + 1) % REMOVALS;
      granted = Math.min(granted + 1, REMOVALS);
      return true;
    }
  }

  /** Whether a removal was refused in the last 60 s. */
  public boolean tripped() {
    synchronized (lock) {
      if (refused && nanoClock.getAsLong() - lastRefusal >= WINDOW_NANOS) {
        refused = false; // For good: a clock that wraps must not bring it back.
      }
      return refused;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.CloseReport;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Open, closing, closed; how many keys are under way; and waiting for either. Interrupts do not end
 * a wait: what is being waited for does not stop because a caller lost patience, the bound does.
 */
final class CloseState {

  /** The longest bound: a hundred years, which nanoseconds can count. */
  static final Duration FOREVER = Duration.ofDays(36_500);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean open = true;
  private int underWay;
  private int settling;
  private @Nullable CloseReport report;

  /** Counts keys as under way, unless intake has stopped. */
  boolean begin(int keys) {
    lock.lock();
    try {
      underWay += open ? keys : 0;
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** Counts keys as ended, whose stage is now completed and whose places are given up. */
  void settling(int keys) {
    lock.lock();
    try {
      underWay -= keys;
      settling += keys;
    } finally {
      lock.unlock();
    }
  }

  /** Counts keys as settled. */
  void settled(int keys) {
    lock.lock();
    try {
      settling -= keys;
      if (underWay + settling == 0) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen() {
    lock.lock();
    try {
      return open;
    } finally {
      lock.unlock();
    }
  }

  int underWay() {
    lock.lock();
    try {
      return underWay;
    } finally {
      lock.unlock();
    }
  }

  /** Stops intake; true for the first to do so, who then closes. */
  boolean stopIntake() {
    lock.lock();
    try {
      boolean first = open;
      open = false;
      return first;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nothing is under way or being settled, or {@code System.nanoTime()} reaches {@code
   * end}.
   */
  boolean awaitIdle(long end) {
    lock.lock();
    try {
      return await(end, () -> underWay + settling == 0);
    } finally {
      lock.unlock();
    }
  }

  void closed(CloseReport outcome) {
    lock.lock();
    try {
      report = outcome;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What the first close reported; if it has not by then, that everything is still under way. */
  CloseReport awaitReport(long nanos) {
    long end = System.nanoTime() + nanos;
    lock.lock();
    try {
      await(end, () -> report != null);
      return report == null ? new CloseReport(0, 0, underWay) : report;
    } finally {
      lock.unlock();
    }
  }

  private boolean await(long end, BooleanSupplier condition) {
    boolean interrupted = false;
    boolean holds = condition.getAsBoolean();
    for (long left = end - System.nanoTime(); !holds && left > 0; left = end - System.nanoTime()) {
      try {
        changed.awaitNanos(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      holds = condition.getAsBoolean();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return holds;
  }

  /** Waits for a thread's end, at most until {@code end}. */
  static void join(Thread thread, long end) {
    boolean interrupted = false;
    for (long left = end - System.nanoTime(); thread.isAlive() && left > 0; ) {
      try {
        thread.join(left / 1_000_000 + 1);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = end - System.nanoTime();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The bound in nanoseconds; one that does not fit is {@link #FOREVER}. */
  static long nanos(Duration bound) {
    return bound.isNegative()
        ? 0
        : bound.compareTo(FOREVER) > 0 ? FOREVER.toNanos() : bound.toNanos();
  }
}

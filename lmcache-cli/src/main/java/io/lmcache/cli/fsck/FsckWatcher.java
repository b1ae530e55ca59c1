// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import io.lmcache.cli.Progress;
import io.lmcache.l2.fs.CheckProgress;
import io.lmcache.l2.fs.CheckWatcher;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Shows how far a check has come, a few times a second. Safe for use by many threads: one shows,
 * the others go on.
 */
final class FsckWatcher implements CheckWatcher {

  private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(200);

  private final BooleanSupplier stop;
  private final Progress progress;
  private final LongSupplier nanoClock;
  private final Lock showing = new ReentrantLock();
  private volatile long next;

  FsckWatcher(BooleanSupplier stop, Progress progress, LongSupplier nanoClock) {
    this.stop = stop;
    this.progress = progress;
    this.nanoClock = nanoClock;
    this.next = nanoClock.getAsLong();
  }

  @Override
  public boolean isToStop() {
    return stop.getAsBoolean();
  }

  @Override
  public void goesOn(Supplier<CheckProgress> now) {
    if (nanoClock.getAsLong() - next >= 0 && showing.tryLock()) {
      try {
        next = nanoClock.getAsLong() + PERIOD;
        CheckProgress reached = now.get();
        progress.show(
            String.format(
                Locale.ROOT,
                "%,d files, %,d MiB read, %,d problems",
                reached.files(),
                reached.bytesRead() >> 20,
                reached.problems()));
      } finally {
        showing.unlock();
      }
    }
  }

  /** Leaves the line to others; only once nothing goes on. */
  void end() {
    progress.clear();
  }
}

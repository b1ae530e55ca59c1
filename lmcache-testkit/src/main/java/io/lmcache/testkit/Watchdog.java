// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ends a test that hangs in a call of the adapter: after several times the patience it lets go of
 * held storage and interrupts the test's thread, until it has ended. One thread, which ends with
 * the test.
 */
final class Watchdog implements AutoCloseable {

  /** What may throw anything. */
  interface Guarded {
    void run() throws Throwable;
  }

  private static final int PATIENCES = 5;
  private static final int FRAMES = 12;
  private static final int REPEAT_MILLIS = 50;

  private final AdapterUnderTest adapter;
  private final Duration most;
  private final Thread watched = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread = new Thread(this::watch, "lmc-test-watchdog");
  private volatile @Nullable String foundAt;

  Watchdog(AdapterUnderTest adapter) {
    this.adapter = adapter;
    this.most = adapter.patience().multipliedBy(PATIENCES);
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs the test; if it had to be ended, says where it hung. */
  void guard(Guarded test) throws Throwable {
    Throwable failure = null;
    try {
      test.run();
    } catch (Throwable t) {
      failure = t;
    }
    String where = foundAt;
    if (where != null) {
      throw new AssertionError(
          "SUBMIT-1 or CLOSE-2: the test hung for "
              + most.toSeconds()
              + " s after "
              + lastRequest()
              + ", at\n"
              + where,
          failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private String lastRequest() {
    List<TrackedAdapter.Submitted> submitted = adapter.current().tracked().submitted();
    return submitted.isEmpty()
        ? "0 requests"
        : submitted.size() + " requests, the last a " + submitted.get(submitted.size() - 1).what();
  }

  private void watch() {
    try {
      if (ended.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
      foundAt =
          Arrays.stream(watched.getStackTrace())
              .limit(FRAMES)
              .map(frame -> "  " + frame)
              .collect(Collectors.joining("\n"));
      // Again and again, as the test may go on to the next such call.
      do {
        adapter.releaseStall();
        watched.interrupt();
      } while (!ended.await(REPEAT_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // The interrupt was for the test, not for what comes after it.
    if (foundAt != null) {
      Thread.interrupted();
    }
  }
}

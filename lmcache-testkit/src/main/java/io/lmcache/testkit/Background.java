// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/**
 * Work of a test on a thread of its own, whose end is waited for with the patience.
 *
 * @param <T> what the work gives
 */
final class Background<T> {

  private final AdapterUnderTest adapter;
  private final String what;
  private final FutureTask<T> task;
  private final Thread thread;

  private Background(AdapterUnderTest adapter, String what, Callable<T> work) {
    this.adapter = adapter;
    this.what = what;
    this.task = new FutureTask<>(work);
    this.thread = new Thread(task, "lmc-test-" + what);
    thread.setDaemon(true);
  }

  /** Starts work on a thread of its own. */
  static <T> Background<T> start(AdapterUnderTest adapter, String what, Callable<T> work) {
    Background<T> background = new Background<>(adapter, what, work);
    background.thread.start();
    return background;
  }

  /**
   * Runs work on so many threads, which begin together, and waits for all of them; fails with the
   * first failure.
   */
  static <T> List<T> together(
      AdapterUnderTest adapter, int threads, String what, IntFunction<T> work) {
    CyclicBarrier begin = new CyclicBarrier(threads);
    List<Background<T>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int index = i;
      all.add(
          start(
              adapter,
              what + " " + i,
              () -> {
                begin.await(adapter.patience().toNanos(), TimeUnit.NANOSECONDS);
                return work.apply(index);
              }));
    }
    List<T> results = new ArrayList<>();
    List<AssertionError> failures = new ArrayList<>();
    for (Background<T> one : all) {
      try {
        results.add(one.get());
      } catch (AssertionError e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      AssertionError first = failures.get(0);
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
    return results;
  }

  /** Waits for the end; fails if it does not come, or with what the work failed with. */
  T get() {
    try {
      return task.get(adapter.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      AssertionError hangs =
          new AssertionError(
              what + " has not ended after " + adapter.patience().toSeconds() + " s");
      hangs.setStackTrace(thread.getStackTrace());
      // What waits for a stage ends then; what hangs inside the adapter cannot be ended.
      thread.interrupt();
      throw hangs;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw new AssertionError(what + " threw " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + what, e);
    }
  }
}

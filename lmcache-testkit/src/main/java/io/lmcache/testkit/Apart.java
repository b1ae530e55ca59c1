// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Does on a thread of its own what must not wait, so that a test outlives what does wait. */
final class Apart {

  private Apart() {}

  /**
   * What the call returns; fails if it has not returned within the patience. Then held storage is
   * let go, and the thread with it.
   *
   * @param rule which rule says that the call does not wait
   */
  static <T> T call(AdapterUnderTest a, String rule, String what, Supplier<T> call) {
    FutureTask<T> task = new FutureTask<>(call::get);
    Thread thread = new Thread(task, "lmc-test-apart");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(a.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return fail("%s: %s has not returned after %d s", rule, what, a.patience().toSeconds(), e);
    } catch (ExecutionException e) {
      return fail("%s: %s threw %s", rule, what, e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted while waiting for %s", what, e);
    } finally {
      end(a, thread, task.isDone());
    }
  }

  /** A thread that has returned ends by itself; one that waits may wait for held storage. */
  private static void end(AdapterUnderTest a, Thread thread, boolean returned) {
    if (!returned) {
      a.releaseStall();
      thread.interrupt();
    }
    try {
      thread.join(a.patience().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * Keeps a fixed number of operations under way: as many chains, in each of which one operation's
 * completion submits the next.
 *
 * <p>Cannot hang as long as every stage completes: a chain ends with its last operation or its
 * first failure, and each end counts down.
 */
final class Chains {

  private static final long HANG_SECONDS = 300;

  private final int chains;
  private final int total;
  private final IntFunction<CompletionStage<?>> submit;
  private final CountDownLatch ended;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private Chains(int chains, int total, IntFunction<CompletionStage<?>> submit) {
    this.chains = chains;
    this.total = total;
    this.submit = submit;
    this.ended = new CountDownLatch(chains);
  }

  /**
   * Runs the operations 0 to {@code total}.
   *
   * @param submit starts one; its stage fails if the outcome is not what it should be
   * @return the nanoseconds from the first submit to the last completion
   */
  static long nanos(int chains, int total, IntFunction<CompletionStage<?>> submit)
      throws InterruptedException {
    Chains all = new Chains(chains, total, submit);
    long began = System.nanoTime();
    for (int i = 0; i < chains; i++) {
      all.next(i);
    }
    if (!all.ended.await(HANG_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("operations hang");
    }
    long took = System.nanoTime() - began;
    Throwable failed = all.failure.get();
    if (failed != null) {
      throw new IllegalStateException(String.valueOf(failed.getMessage()), failed);
    }
    return took;
  }

  private void next(int i) {
    if (i >= total || failure.get() != null) {
      ended.countDown();
      return;
    }
    submit
        .apply(i)
        .whenComplete(
            (answer, thrown) -> {
              if (thrown != null) {
                failure.compareAndSet(null, thrown);
              }
              next(i + chains);
            });
  }
}

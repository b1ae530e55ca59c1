// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait before they begin: for their latency, or, every so many, until they are
 * released.
 *
 * <p>Each is in one of two sets and leaves it once, under the lock; whoever took it out runs it, or
 * refuses it, outside of the lock. After the close nothing is held any more. The timer thread is
 * made only if there is a latency, and sleeps while nothing waits.
 */
final class HeldRequests {

  /** A request that waits; compared by identity. */
  private static final class Waiting {
    private final int keys;
    private final Runnable begin;
    private final Runnable refuse;

    Waiting(int keys, Runnable begin, Runnable refuse) {
      this.keys = keys;
      this.begin = begin;
      this.refuse = refuse;
    }
  }

  private final Duration latency;
  private final int hangEvery;
  private final @Nullable ScheduledThreadPoolExecutor timer;
  private final Set<Waiting> hanging = new LinkedHashSet<>();
  private final Set<Waiting> delayed = new LinkedHashSet<>();
  private long requests;
  private boolean closed;

  HeldRequests(Duration latency, int hangEvery, ThreadFactory threads) {
    this.latency = latency;
    this.hangEvery = hangEvery;
    this.timer = latency.isZero() ? null : timer(threads);
  }

  private static ScheduledThreadPoolExecutor timer(ThreadFactory threads) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = threads.newThread(work);
              thread.setName("lmc-delay");
              return thread;
            });
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return timer;
  }

  /**
   * Runs a request, now or later.
   *
   * @param keys how many keys it has
   * @param work what it does
   * @param refused its result if the close comes first
   */
  <T> CompletionStage<T> pass(int keys, Supplier<CompletionStage<T>> work, Supplier<T> refused) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Waiting waiting =
        new Waiting(keys, () -> begin(work, future), () -> future.complete(refused.get()));
    return holds(waiting) ? future.minimalCompletionStage() : work.get();
  }

  private synchronized boolean holds(Waiting waiting) {
    requests++;
    if (closed) {
      return false;
    }
    if (hangEvery > 0 && requests % hangEvery == 0) {
      return hanging.add(waiting);
    }
    if (timer == null) {
      return false;
    }
    timer.schedule(() -> beginDelayed(waiting), latency.toNanos(), TimeUnit.NANOSECONDS);
    return delayed.add(waiting);
  }

  private void beginDelayed(Waiting waiting) {
    boolean mine;
    synchronized (this) {
      mine = delayed.remove(waiting);
    }
    if (mine) {
      waiting.begin.run();
    }
  }

  private static <T> void begin(Supplier<CompletionStage<T>> work, CompletableFuture<T> future) {
    try {
      work.get()
          .whenComplete(
              (result, thrown) -> {
                if (thrown == null) {
                  future.complete(result);
                } else {
                  future.completeExceptionally(thrown);
                }
              });
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
  }

  synchronized int hanging() {
    return hanging.size();
  }

  /** Begins the requests that hang now. */
  void release() {
    take(hanging, false).forEach(waiting -> waiting.begin.run());
  }

  /**
   * Holds nothing from now on: begins what was delayed and refuses what hangs.
   *
   * @return how many keys were refused
   */
  int close() {
    List<Waiting> late = take(delayed, true);
    List<Waiting> hung = take(hanging, true);
    late.forEach(waiting -> waiting.begin.run());
    hung.forEach(waiting -> waiting.refuse.run());
    if (timer != null) {
      timer.shutdown();
    }
    return hung.stream().mapToInt(waiting -> waiting.keys).sum();
  }

  private synchronized List<Waiting> take(Set<Waiting> from, boolean last) {
    closed |= last;
    List<Waiting> taken = new ArrayList<>(from);
    from.clear();
    return taken;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait before they begin: for their latency, or, every so many, until they are
 * released.
 *
 * <p>Each is in one of two sets and leaves it once, under the lock; whoever took it out begins it,
 * or refuses it, outside of the lock. A close waits until the inner adapter has been given what was
 * let go; that takes no time, as submitting does not wait. After the close nothing is held any
 * more. The timer thread is made only if there is a latency, and sleeps while nothing waits.
 */
final class HeldRequests {

  /** A request that waits; compared by identity. */
  private static final class Waiting {
    private final int keys;
    private final Runnable begin;
    private final Runnable refuse;
    private final String submitter = Thread.currentThread().getName();

    Waiting(int keys, Runnable begin, Runnable refuse) {
      this.keys = keys;
      this.begin = begin;
      this.refuse = refuse;
    }
  }

  private static final String TIMER = "lmc-delay";

  private final Duration latency;
  private final int hangEvery;
  private final @Nullable ScheduledThreadPoolExecutor timer;
  private final Set<Waiting> hanging = new LinkedHashSet<>();
  private final Set<Waiting> delayed = new LinkedHashSet<>();
  private long requests;
  private int onTheirWay;

  /** Whether this thread is giving a request to the inner adapter. */
  private final ThreadLocal<Boolean> giving = ThreadLocal.withInitial(() -> false);

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
              thread.setName(TIMER);
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
    // Not kept: it is taken back by leaving the set, not by cancelling.
    Future<?> unused =
        timer.schedule(() -> beginDelayed(waiting), latency.toNanos(), TimeUnit.NANOSECONDS);
    return delayed.add(waiting);
  }

  private void beginDelayed(Waiting waiting) {
    synchronized (this) {
      if (!delayed.remove(waiting)) {
        return;
      }
      onTheirWay++;
    }
    // Leases name the thread that asked, which the inner adapter takes for this one.
    Thread.currentThread().setName(waiting.submitter);
    waiting.begin.run();
    Thread.currentThread().setName(TIMER);
  }

  private <T> void begin(Supplier<CompletionStage<T>> work, CompletableFuture<T> future) {
    CompletionStage<T> stage;
    giving.set(true);
    try {
      stage = work.get();
    } catch (RuntimeException | Error e) {
      stage = CompletableFuture.failedStage(e);
    } finally {
      giving.set(false);
    }
    synchronized (this) {
      onTheirWay--;
      notifyAll();
    }
    stage.whenComplete(
        (result, thrown) -> {
          if (thrown == null) {
            future.complete(result);
          } else {
            future.completeExceptionally(thrown);
          }
        });
  }

  synchronized boolean isClosed() {
    return closed;
  }

  synchronized int hanging() {
    return hanging.size();
  }

  /** Begins the requests that hang now. */
  void release() {
    List<Waiting> let;
    synchronized (this) {
      let = takeAll(hanging);
      onTheirWay += let.size();
    }
    let.forEach(waiting -> waiting.begin.run());
  }

  /**
   * Holds nothing from now on: begins what was delayed and refuses what hangs.
   *
   * @return how many keys were refused
   */
  int close() {
    List<Waiting> late;
    List<Waiting> hung;
    synchronized (this) {
      closed = true;
      late = takeAll(delayed);
      hung = takeAll(hanging);
      onTheirWay += late.size();
    }
    late.forEach(waiting -> waiting.begin.run());
    awaitOthers();
    hung.forEach(waiting -> waiting.refuse.run());
    if (timer != null) {
      timer.shutdown();
    }
    return hung.stream().mapToInt(waiting -> waiting.keys).sum();
  }

  private static List<Waiting> takeAll(Set<Waiting> from) {
    List<Waiting> taken = new ArrayList<>(from);
    from.clear();
    return taken;
  }

  private synchronized void awaitOthers() {
    boolean interrupted = false;
    // Not inside of what the inner adapter runs meanwhile, such as another request's continuation.
    while (onTheirWay > 0 && !giving.get()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

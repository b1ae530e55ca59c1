// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of keys, one after the other, on one thread that is started by the first and waits
 * without a time limit for the next.
 */
final class ListingThread {

  private final ThreadPoolExecutor executor;
  private final CloseState state;
  private final Continuations continuations;
  private volatile @Nullable Thread thread;
  private volatile boolean reading;

  /**
   * For one adapter.
   *
   * @param state counts the pages
   * @param continuations knows the threads that complete them
   */
  ListingThread(ThreadFactory threads, CloseState state, Continuations continuations) {
    this.state = state;
    this.continuations = continuations;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread made = threads.newThread(work);
              made.setName("lmc-list");
              thread = made;
              return made;
            });
  }

  private final class Page implements Runnable {
    private final Callable<KeyPage> read;
    private final CompletableFuture<KeyPage> future = new CompletableFuture<>();

    Page(Callable<KeyPage> read) {
      this.read = read;
    }

    @Override
    public void run() {
      continuations.run(() -> end(answer()));
    }

    private KeyPage answer() {
      reading = true;
      try {
        return Objects.requireNonNull(read.call(), "page");
      } catch (Throwable e) {
        // Whatever it is: the page must end, or the close would wait for it.
        return KeyPage.failed(StorageErrors.of("list", e));
      } finally {
        reading = false;
      }
    }

    void end(KeyPage page) {
      state.settling(1);
      continuations.run(() -> future.complete(page));
      state.settled(1);
    }
  }

  static CompletionStage<KeyPage> refused(L2Error error) {
    return CompletableFuture.completedStage(KeyPage.failed(error));
  }

  CompletionStage<KeyPage> submit(Callable<KeyPage> read) {
    Page page = new Page(read);
    try {
      executor.execute(page);
    } catch (RuntimeException | Error e) {
      page.end(KeyPage.failed(L2Error.of(L2ErrorCode.UNAVAILABLE, Retry.LATER, e.toString())));
    }
    return page.future.minimalCompletionStage();
  }

  /** How many pages are being read: one or none. */
  int running() {
    return reading ? 1 : 0;
  }

  /** Ends the pages that were not begun, after intake has stopped; says how many. */
  int cancelQueued(L2Error closed) {
    List<Runnable> queued = new ArrayList<>();
    executor.getQueue().drainTo(queued);
    for (Runnable page : queued) {
      ((Page) page).end(KeyPage.failed(closed));
    }
    return queued.size();
  }

  void stop() {
    executor.shutdown();
  }

  /** The thread, if there was a listing. */
  List<Thread> threads() {
    Thread made = thread;
    return made == null ? List.of() : List.of(made);
  }
}

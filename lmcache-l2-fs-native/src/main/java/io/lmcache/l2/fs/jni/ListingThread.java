// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads directory pages, one after the other, on one thread that is started by the first and waits
 * without a time limit for the next.
 */
final class ListingThread {

  private static final KeyPage CLOSED = KeyPage.failed(L2Error.closed("the adapter is closed"));

  private final ThreadPoolExecutor executor;
  private final CloseState state;
  private volatile @Nullable Thread thread;

  /**
   * For one adapter.
   *
   * @param state counts the pages
   */
  ListingThread(ThreadFactory threads, CloseState state) {
    this.state = state;
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
      KeyPage page;
      try {
        page = read.call();
      } catch (IOException e) {
        page = KeyPage.failed(L2Error.of(L2ErrorCode.IO, Retry.LATER, "list the directory: " + e));
      } catch (Throwable e) {
        // Whatever it is: the page must end, or the close would wait for it.
        page = KeyPage.failed(L2Error.of(L2ErrorCode.INTERNAL, Retry.NEVER, e.toString()));
      }
      end(page);
    }

    void end(KeyPage page) {
      state.settling(1);
      future.complete(page);
      state.settled(1);
    }
  }

  static CompletionStage<KeyPage> refused() {
    return CompletableFuture.completedStage(CLOSED);
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

  boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  int running() {
    return executor.getActiveCount();
  }

  /** Ends the pages that were not begun, after intake has stopped; says how many. */
  int cancelQueued() {
    List<Runnable> queued = new ArrayList<>();
    executor.getQueue().drainTo(queued);
    for (Runnable page : queued) {
      ((Page) page).end(CLOSED);
    }
    return queued.size();
  }

  void stop() {
    executor.shutdown();
  }

  /**
   * Waits for the thread's end after {@link #stop}, at most until {@code System.nanoTime()} is it.
   */
  void join(long end) {
    Thread started = thread;
    if (started != null) {
      CloseState.join(started, end);
    }
  }
}

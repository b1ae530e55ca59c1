// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Threads that work off what one thread finds, which waits while they are behind: so little is in
 * memory, however much there is. Each task gives its place back however it ends, so nobody waits
 * for one that is over.
 */
final class CheckWorkers implements AutoCloseable {

  private static final int TASKS_PER_THREAD = 16;

  private final int places;
  private final Semaphore free;
  private final ExecutorService executor;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  CheckWorkers(int threads, ThreadFactory factory) {
    places = threads * TASKS_PER_THREAD;
    free = new Semaphore(places);
    executor = Executors.newFixedThreadPool(threads, factory);
  }

  /** Has a task done, once there is a place for it. */
  void submit(Runnable task) {
    free.acquireUninterruptibly();
    boolean taken = false;
    try {
      executor.execute(() -> run(task));
      taken = true;
    } finally {
      if (!taken) {
        free.release();
      }
    }
  }

  private void run(Runnable task) {
    try {
      if (failure.get() == null) {
        task.run();
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    } finally {
      free.release();
    }
  }

  /** Waits for all tasks, and throws what the first that failed has thrown. */
  void finish() {
    free.acquireUninterruptibly(places);
    free.release(places);
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException thrown) {
      throw thrown;
    }
  }

  /** Lets its threads end. What has not begun is not waited for. */
  @Override
  public void close() {
    executor.shutdown();
    free.acquireUninterruptibly(places);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what an adapter does on behalf of others, on one thread that exists only while it is needed.
 *
 * <pre>
 *   no thread --execute--> running --queue empty--> waiting (no time-out)
 *      ^                      |  ^----- execute -----'  |
 *      '----- queue empty and closing ------------------'
 * </pre>
 *
 * <p>Everything is guarded by the lock except running a task. A task that comes after the close, as
 * when a system call returns late, is not lost: it starts the thread again, which ends as soon as
 * the queue is empty. A task is lost only if the JVM ends.
 */
final class EventThread implements Executor {

  private static final Logger LOG = LoggerFactory.getLogger(EventThread.class);

  private final ThreadFactory threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Runnable> queue = new ArrayDeque<>();
  private boolean closing;

  /** The last thread there was; it may have ended. */
  private @Nullable Thread thread;

  /** Whether that thread still takes tasks. */
  private boolean running;

  EventThread(ThreadFactory threads) {
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    lock.lock();
    try {
      queue.add(task);
      if (running) {
        changed.signalAll();
      } else {
        Thread started = threads.newThread(this::run);
        started.start();
        // Only now: if there was no thread to be had, the next task asks again.
        thread = started;
        running = true;
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    for (Runnable task = next(); task != null; task = next()) {
      try {
        task.run();
      } catch (Throwable thrown) {
        LOG.warn("a task of an adapter failed; the next ones go on", thrown);
      }
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closing) {
        changed.awaitUninterruptibly();
      }
      Runnable task = queue.poll();
      if (task == null) {
        running = false;
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the thread once the queue is empty, and waits for that. Called from the thread itself it
   * does not wait.
   *
   * @return how many tasks are still queued or running: 0 unless the bound was over first
   */
  int close(Duration bound) {
    Thread ending;
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
      ending = thread;
    } finally {
      lock.unlock();
    }
    if (ending == null || ending == Thread.currentThread()) {
      return 0;
    }
    try {
      // Until the thread is gone, not only idle: an owner that counts threads must see none.
      TimeUnit.NANOSECONDS.timedJoin(ending, TimeUnit.NANOSECONDS.convert(bound));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return unfinished();
  }

  private int unfinished() {
    lock.lock();
    try {
      return running ? queue.size() + 1 : 0;
    } finally {
      lock.unlock();
    }
  }
}

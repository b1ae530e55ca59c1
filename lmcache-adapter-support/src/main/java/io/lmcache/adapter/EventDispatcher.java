// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener, one event after the other, in the order in which the events were given.
 *
 * <p>Events wait in a queue and are delivered by a task on the given executor; there is at most one
 * such task, and only while events wait, so nothing runs and nothing wakes while the adapter is
 * idle. Whoever gives an event never waits for a listener. Events that an eviction policy can do
 * without ({@code accessed}) are dropped and counted once too many wait; the others never are.
 */
public final class EventDispatcher {

  /** How many events may wait before {@code accessed} events are dropped. */
  static final int ACCESSED_BACKLOG = 1024;

  private final L2AdapterListener listener;
  private final Executor executor;
  private final BiConsumer<String, Throwable> failureLog;
  private final ArrayDeque<Consumer<L2AdapterListener>> waiting = new ArrayDeque<>();
  private boolean running;
  private long dropped;

  /**
   * For one adapter.
   *
   * @param listener who is told
   * @param executor where the listener is called
   * @param failureLog takes a line and the exception when a listener throws
   */
  public EventDispatcher(
      L2AdapterListener listener, Executor executor, BiConsumer<String, Throwable> failureLog) {
    this.listener = listener;
    this.executor = executor;
    this.failureLog = failureLog;
  }

  /** Objects were published. */
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    if (!keys.isEmpty()) {
      give(l -> l.stored(keys, sizes));
    }
  }

  /** Objects of an earlier run were found. */
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    if (!keys.isEmpty()) {
      give(l -> l.recovered(keys, sizes, lastModified));
    }
  }

  /** Objects were loaded. */
  public void accessed(List<ObjectKey> keys) {
    if (keys.isEmpty()) {
      return;
    }
    synchronized (this) {
      if (waiting.size() >= ACCESSED_BACKLOG) {
        dropped += keys.size();
        return;
      }
    }
    give(l -> l.accessed(keys));
  }

  /** Objects are gone. */
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    if (!keys.isEmpty()) {
      give(l -> l.removed(keys, sizes, reason));
    }
  }

  /** How many keys of {@code accessed} events were dropped. */
  public synchronized long droppedAccesses() {
    return dropped;
  }

  private void give(Consumer<L2AdapterListener> event) {
    if (listener == L2AdapterListener.NONE) {
      return;
    }
    boolean start;
    synchronized (this) {
      waiting.add(event);
      start = !running;
      running = true;
    }
    if (start) {
      try {
        executor.execute(this::deliver);
      } catch (RejectedExecutionException e) {
        // The owner has ended the executor: a system call outlived the close, and nobody listens.
        synchronized (this) {
          waiting.clear();
          running = false;
        }
      } catch (Throwable t) {
        // Such as no memory for a thread: what waits is delivered with the next event.
        synchronized (this) {
          running = false;
        }
        log("the executor of L2 adapter events failed: " + t, t);
      }
    }
  }

  private void deliver() {
    for (Consumer<L2AdapterListener> event = next(); event != null; event = next()) {
      try {
        event.accept(listener);
      } catch (Throwable t) {
        // Whatever it is: ending here would end all later events too, while they pile up.
        log("an L2 adapter listener failed: " + t, t);
      }
    }
  }

  private void log(String line, Throwable failure) {
    try {
      failureLog.accept(line, failure);
    } catch (Throwable t) {
      // Nobody is left to tell.
    }
  }

  private synchronized @Nullable Consumer<L2AdapterListener> next() {
    Consumer<L2AdapterListener> event = waiting.poll();
    running = event != null;
    return event;
  }
}

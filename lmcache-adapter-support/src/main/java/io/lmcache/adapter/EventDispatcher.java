// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
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

  private record Event(Consumer<L2AdapterListener> call, @Nullable Hold hold) {
    boolean isDue() {
      return hold == null || hold.released;
    }
  }

  /**
   * Keeps a place in the order for events that must not be delivered yet: what is given to it, and
   * all that comes after, waits for {@link #release}. A request gives its events when their effects
   * are counted and releases them when its stage has completed.
   */
  public final class Hold implements L2AdapterListener {

    private boolean released;

    private Hold() {}

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      give(keys, l -> l.stored(keys, sizes), this);
    }

    @Override
    public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
      give(keys, l -> l.recovered(keys, sizes, lastModified), this);
    }

    @Override
    public void accessed(List<ObjectKey> keys) {
      giveAccessed(keys, this);
    }

    @Override
    public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
      give(keys, l -> l.removed(keys, sizes, reason), this);
    }

    @Override
    public void healthChanged(Health health, String reason) {
      give(l -> l.healthChanged(health, reason), this);
    }

    /** The events may be delivered. */
    public void release() {
      synchronized (EventDispatcher.this) {
        released = true;
      }
      startIfDue();
    }
  }

  /** How many events may wait before {@code accessed} events are dropped. */
  static final int ACCESSED_BACKLOG = 1024;

  private final L2AdapterListener listener;
  private final Executor executor;
  private final BiConsumer<String, Throwable> failureLog;
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();
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

  /** A place in the order for events to be delivered later. */
  public Hold hold() {
    return new Hold();
  }

  /** Objects were published. */
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    give(keys, l -> l.stored(keys, sizes), null);
  }

  /** Objects of an earlier run were found. */
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    give(keys, l -> l.recovered(keys, sizes, lastModified), null);
  }

  /** Objects were loaded. */
  public void accessed(List<ObjectKey> keys) {
    giveAccessed(keys, null);
  }

  /** Objects are gone. */
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    give(keys, l -> l.removed(keys, sizes, reason), null);
  }

  /** How many keys of {@code accessed} events were dropped. */
  public synchronized long droppedAccesses() {
    return dropped;
  }

  private void giveAccessed(List<ObjectKey> keys, @Nullable Hold hold) {
    synchronized (this) {
      if (waiting.size() >= ACCESSED_BACKLOG) {
        dropped += keys.size();
        return;
      }
    }
    give(keys, l -> l.accessed(keys), hold);
  }

  private void give(List<ObjectKey> keys, Consumer<L2AdapterListener> call, @Nullable Hold hold) {
    if (!keys.isEmpty()) {
      give(call, hold);
    }
  }

  private void give(Consumer<L2AdapterListener> call, @Nullable Hold hold) {
    if (listener == L2AdapterListener.NONE) {
      return;
    }
    Event event = new Event(call, hold);
    boolean due;
    synchronized (this) {
      waiting.add(event);
      due = event.isDue();
    }
    // An event that is held makes nothing due, and whoever gives it may hold locks of its own.
    if (due) {
      startIfDue();
    }
  }

  private void startIfDue() {
    boolean start;
    synchronized (this) {
      Event first = waiting.peek();
      start = !running && first != null && first.isDue();
      running |= start;
    }
    if (start) {
      try {
        executor.execute(this::deliver);
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
    for (Event event = next(); event != null; event = next()) {
      try {
        event.call().accept(listener);
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

  private synchronized @Nullable Event next() {
    Event first = waiting.peek();
    running = first != null && first.isDue();
    return running ? waiting.poll() : null;
  }
}

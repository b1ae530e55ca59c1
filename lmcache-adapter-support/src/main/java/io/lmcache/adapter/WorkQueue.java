// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Items that wait for a worker, kept as the batches that they belong to, so that an item costs
 * nothing here.
 *
 * <p><b>Order.</b> The highest priority that has work, first in first out within a priority; but
 * one that was passed over {@value #FAIR_TURN} times in a row has its turn, so that none waits for
 * ever.
 *
 * <p><b>Threads.</b> Any may add, take and cancel; one short lock. Workers sleep without a time
 * limit, and only while nothing is queued and the queue is not stopped; both change under the lock
 * and are followed by a wake-up, so none can be missed. An addition wakes no more workers than it
 * has items.
 */
final class WorkQueue {

  /** How many items in a row may pass over a lower priority. */
  static final int FAIR_TURN = 7;

  /** A batch with items that nobody took. */
  private static final class Waiting {
    final Batch<ObjectKey> batch;
    int next;

    Waiting(Batch<ObjectKey> batch) {
      this.batch = batch;
    }
  }

  /** What waits with one priority, and how many items in a row went before it. */
  private static final class Level {
    final ArrayDeque<Waiting> batches = new ArrayDeque<>();
    int passedOver;
  }

  /** One worker's hands: the item it took. */
  static final class Item {
    private @Nullable Batch<ObjectKey> batch;
    private int index;

    /** The batch of the item; there must be one. */
    Batch<ObjectKey> batch() {
      if (batch == null) {
        throw new IllegalStateException("no item was taken");
      }
      return batch;
    }

    int index() {
      return index;
    }

    /** Forgets the batch, which may hold much memory. */
    void clear() {
      batch = null;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();

  /** In the order of the enum: the highest priority first. */
  private final Map<Priority, Level> levels = new EnumMap<>(Priority.class);

  private int sleeping;
  private int queued;
  private int running;
  private boolean stopped;

  WorkQueue() {
    for (Priority priority : Priority.values()) {
      levels.put(priority, new Level());
    }
  }

  /** Queues all items of a batch; false if the queue is stopped. */
  boolean add(Batch<ObjectKey> batch) {
    Waiting waiting = new Waiting(batch);
    int items = batch.size();
    lock.lock();
    try {
      if (stopped) {
        return false;
      }
      Objects.requireNonNull(levels.get(batch.priority())).batches.add(waiting);
      queued += items;
      for (int wake = Math.min(items, sleeping); wake > 0; wake--) {
        ready.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next item, which {@link #done} must follow; sleeps while there is none.
   *
   * @param item where it goes
   * @return false once the queue is stopped and empty
   */
  boolean take(Item item) {
    lock.lock();
    try {
      while (queued == 0) {
        if (stopped) {
          return false;
        }
        sleeping++;
        try {
          ready.awaitUninterruptibly();
        } finally {
          sleeping--;
        }
      }
      Level level = nextLevel();
      Waiting first = level.batches.element();
      item.batch = first.batch;
      item.index = first.next++;
      if (first.next == first.batch.size()) {
        level.batches.remove();
      }
      queued--;
      running++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The level to take from: one that was passed over often enough, the most often first, or else
   * the highest that has work. Only called with an item queued.
   */
  private Level nextLevel() {
    Level next = null;
    for (Level level : levels.values()) {
      if (!level.batches.isEmpty()
          && (next == null
              || (level.passedOver >= FAIR_TURN && level.passedOver > next.passedOver))) {
        next = level;
      }
    }
    if (next == null) {
      throw new IllegalStateException(queued + " items are queued, but no batch");
    }
    boolean below = false;
    for (Level level : levels.values()) {
      level.passedOver += below && !level.batches.isEmpty() ? 1 : 0;
      below |= level == next;
    }
    next.passedOver = 0;
    return next;
  }

  /** An item that was taken is not being worked on any more. */
  void done() {
    lock.lock();
    try {
      running--;
    } finally {
      lock.unlock();
    }
  }

  /** What is to become of items that no worker will take. */
  interface Ending {
    void end(Batch<ObjectKey> batch, int k);
  }

  /** Ends what is queued, on this thread and outside of the lock; says how many items that were. */
  int endQueued(Ending ending) {
    List<Waiting> taken = new ArrayList<>();
    lock.lock();
    try {
      for (Level level : levels.values()) {
        taken.addAll(level.batches);
        level.batches.clear();
      }
      queued = 0;
    } finally {
      lock.unlock();
    }
    int ended = 0;
    for (Waiting waiting : taken) {
      for (int k = waiting.next; k < waiting.batch.size(); k++) {
        ending.end(waiting.batch, k);
        ended++;
      }
    }
    return ended;
  }

  /** Takes no more, and lets workers go once nothing is queued. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int queued() {
    lock.lock();
    try {
      return queued;
    } finally {
      lock.unlock();
    }
  }

  /** How many items were taken and are not done. */
  int running() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Workers and the storage they work on: what {@link BackendL2Adapter} makes an adapter of. Whoever
 * has blocking calls needs none of this and implements {@link BlockingStorage}.
 *
 * <p><b>Threads.</b> Any may call any method, but {@link #start} and {@link #stop}, which are
 * called once each, in this order, and {@link #forEach}, which is called by one thread at a time
 * and not begun after {@code stop}. Only {@code forEach} and what {@code page} returns do I/O on
 * the calling thread. Results are reported by the backend's own threads, or by the one that calls
 * {@code cancelQueued}.
 *
 * <p><b>What it owes.</b> Every item of an accepted batch ends exactly once, also after {@link
 * #stop}; its buffer is touched from submit to then. Whatever the storage needs stays until the
 * last item has ended, however late, and is freed then.
 *
 * @param <N> how the backend calls a key
 */
public interface Backend<N> {

  /** What it can take; constant. */
  AdapterLimits limits();

  /**
   * The name by which the backend knows the key; asked once for each item. Does no I/O.
   *
   * @throws StorageException if it has none; the key fails with its error
   */
  N name(ObjectKey key) throws StorageException;

  /**
   * Starts the threads.
   *
   * @throws IOException if that fails; {@link #stop} is called all the same
   */
  void start() throws IOException;

  /** The threads that were started, alive or not. */
  List<Thread> threads();

  /**
   * Accepts a batch, or refuses it because the workers are stopped or gone. Does not wait. If it
   * throws, it has accepted nothing.
   */
  boolean submit(Batch<N> batch);

  /** Ends what no worker has begun as {@link Outcome#CLOSED}; says how many items that were. */
  int cancelQueued();

  /** How many items a worker has begun and not ended. */
  int running();

  /** Takes no more batches, and lets the threads end once everything accepted has ended. */
  void stop();

  /**
   * Prepares to read a page of the keys that are there; the call does the I/O.
   *
   * @throws IllegalArgumentException if the cursor is not the backend's
   */
  Callable<KeyPage> page(ListRequest request);

  /**
   * Visits every object that is there, on a thread of its own and while batches are worked on: what
   * is there all the time is met, what comes or goes meanwhile may be met or not. What the visitor
   * throws ends the walk and is passed on. After {@link #stop} it may still be under way; what the
   * storage needs stays until it has ended.
   */
  void forEach(Consumer<StoredObject> visitor) throws IOException;

  /**
   * Whether nobody else changes the storage, so that what the adapter knows of it is the truth once
   * a walk has met all there is; constant.
   */
  default boolean exclusive() {
    return false;
  }

  /** How it is doing, while the adapter is open. */
  default Condition condition() {
    return Condition.OK;
  }

  /**
   * Asks to be told when {@link #condition} may have changed although no key has ended for it;
   * called once, before {@link #start}.
   *
   * @param changed throws nothing; not to be called under a lock
   */
  default void whenConditionChanges(Runnable changed) {}

  /** What an operator wants to know about it, in order of importance. Does no I/O. */
  Map<String, String> details();
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.Condition;
import io.lmcache.adapter.StoredObject;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * A native client with a worker pool of its own: batches go in, completions come out of one event
 * descriptor.
 *
 * <p>Submitting does not wait. One thread, and no other, drains; it blocks in native code without a
 * time limit. Everything that was accepted completes exactly once, also after {@link #stop}. After
 * {@link #destroy} every method is a no-op that refuses.
 */
interface NativeConnector {

  /** Takes the results of one batch. */
  interface Completions {
    /**
     * A batch is complete. Throws nothing, since others wait behind it.
     *
     * @param batch its id
     * @param words two words for each item from {@code offset} on, see {@link NativeResult}; not to
     *     be kept
     */
    void completed(long batch, long[] words, int offset, int items);
  }

  /** What the backend can take. */
  AdapterLimits limits();

  /**
   * The name by which the backend knows the key.
   *
   * @throws UnsupportedKeyException if it has none
   */
  NativeName name(ObjectKey key) throws UnsupportedKeyException;

  /** Accepts a batch, or refuses it because the connector is stopped; if it throws, too. */
  boolean submit(NativeBatch batch);

  /**
   * Waits for complete batches and hands them over.
   *
   * @return false once the connector is stopped and everything was handed over
   */
  boolean drain(Completions completions);

  /** Completes what no worker has begun as closed; says how many items that were. */
  int cancelQueued();

  /** How many items a worker has begun and not ended. */
  int running();

  /** Refuses batches from now on, and ends {@link #drain} once all is handed over. */
  void stop();

  /** Frees everything; called by the draining thread once {@link #drain} has returned false. */
  void destroy();

  /**
   * Puts a failure into words.
   *
   * @param detail the second word of the result
   */
  L2Error describe(
      NativeOperation operation, ObjectKey key, NativeStep step, int errno, long detail);

  /** An object was moved, but not past the page cache as was asked for. */
  default void fellBack(ObjectKey key, NativeFallback why, int errno) {}

  /**
   * Prepares to read a page of the backend's keys; the call does the I/O.
   *
   * @throws IllegalArgumentException if the cursor is not the backend's
   */
  Callable<KeyPage> page(ListRequest request);

  /** Visits every object that is there, see {@link io.lmcache.adapter.Backend#forEach}. */
  void forEach(Consumer<StoredObject> visitor) throws IOException;

  /** Whether nobody else changes what is there; constant. */
  default boolean exclusive() {
    return false;
  }

  /** How it is doing, while the adapter is open; does no I/O. */
  default Condition condition() {
    return Condition.OK;
  }

  /** What an operator wants to know about it. */
  Map<String, String> details();
}

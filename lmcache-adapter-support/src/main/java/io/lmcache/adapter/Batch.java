// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Priority;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Work for a {@link Backend}: one operation on several keys, which are its items.
 *
 * <p>Each item is ended exactly once, by {@link #ended} or {@link #failed}, on any thread; the last
 * one hands the batch back to the adapter, which may run what callers chained to the request. The
 * counter orders what the threads wrote before the one that reads it.
 *
 * @param <N> how the backend calls a key
 */
public final class Batch<N> {

  private final RequestFlow<N> flow;
  private final Request<?> request;
  private final int[] indices;
  private final List<N> names;
  private final List<MemoryObject> objects;
  private final long timeoutNanos;

  /** For each item an {@link Outcome} or an {@link L2Error}. */
  private final Object[] results;

  private final long @Nullable [] sizes;
  private final AtomicInteger open;

  Batch(
      RequestFlow<N> flow,
      Request<?> request,
      int[] indices,
      List<N> names,
      List<MemoryObject> objects,
      long timeoutNanos) {
    this.flow = flow;
    this.request = request;
    this.indices = indices;
    this.names = Collections.unmodifiableList(names);
    this.objects = Collections.unmodifiableList(objects);
    this.timeoutNanos = timeoutNanos;
    this.results = new Object[names.size()];
    this.sizes = request.operation() == Operation.LOOKUP ? new long[names.size()] : null;
    this.open = new AtomicInteger(names.size());
  }

  /** What to do with each item. */
  public Operation operation() {
    return request.operation();
  }

  /** Of a store: whether to write although an object of the same size is there. */
  public boolean replace() {
    return request.replace();
  }

  /** Whether the adapter holds more than it should, so that deletes are more urgent than stores. */
  public boolean overWatermark() {
    return flow.overWatermark();
  }

  /** The place among waiting work. */
  public Priority priority() {
    return request.options().priority();
  }

  /** When items that no worker has begun are of no more use; null for never. */
  public @Nullable Instant deadline() {
    return request.options().deadline();
  }

  /** How long items may wait for a worker from now; negative for as long as it takes. */
  public long timeoutNanos() {
    return timeoutNanos;
  }

  /** The number of items, at least one. */
  public int size() {
    return names.size();
  }

  /** The k-th item's key. */
  public ObjectKey key(int k) {
    return request.key(indices[k]);
  }

  /** What {@link Backend#name} said of each item. */
  public List<N> names() {
    return names;
  }

  /** The items' memory for a store or load; empty otherwise. */
  public List<MemoryObject> objects() {
    return objects;
  }

  /**
   * The k-th item ended.
   *
   * @param sizeBytes the object's size, if it was {@link Outcome#FOUND}
   */
  public void ended(int k, Outcome outcome, long sizeBytes) {
    if (sizes != null) {
      sizes[k] = sizeBytes;
    }
    end(k, outcome);
  }

  /** The k-th item failed. */
  public void failed(int k, L2Error error) {
    end(k, error);
  }

  private void end(int k, Object result) {
    results[k] = Objects.requireNonNull(result);
    if (open.decrementAndGet() == 0) {
      flow.completed(this);
    }
  }

  Request<?> request() {
    return request;
  }

  /** Which key of the request the k-th item is. */
  int index(int k) {
    return indices[k];
  }

  /** Tells the request how the k-th item ended; once all have. */
  void tell(int k, L2Error tooLate, L2Error closed) {
    int i = indices[k];
    Object result = results[k];
    if (result instanceof L2Error error) {
      request.failed(i, error);
    } else if (result == Outcome.DEADLINE) {
      request.failed(i, tooLate);
    } else if (result == Outcome.CLOSED) {
      request.failed(i, closed);
    } else {
      request.ended(i, (Outcome) result, sizes == null ? 0 : sizes[k]);
    }
  }
}

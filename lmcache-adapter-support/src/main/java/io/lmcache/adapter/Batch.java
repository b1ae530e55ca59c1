// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Priority;
import io.lmcache.spi.Retry;
import java.time.Instant;
import java.util.BitSet;
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
  private final boolean repeated;

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
      long timeoutNanos,
      boolean repeated) {
    this.flow = flow;
    this.request = request;
    this.indices = indices;
    this.names = Collections.unmodifiableList(names);
    this.objects = Collections.unmodifiableList(objects);
    this.timeoutNanos = timeoutNanos;
    this.repeated = repeated;
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

  /**
   * Whether deletes are more urgent than stores: the adapter holds more than it should, or stores
   * wait for room.
   */
  public boolean deletesFirst() {
    return flow.deletesFirst();
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

  /** How the k-th item ended: an {@link Outcome} or an {@link L2Error}; once all have. */
  Object result(int k) {
    return results[k];
  }

  /** The size of the k-th item's object, if it was FOUND. */
  long sizeBytes(int k) {
    return sizes == null ? 0 : sizes[k];
  }

  /** The stores that found no room, and have been tried only once; null if there are none. */
  @Nullable StoresWithoutRoom<N> withoutRoom() {
    if (operation() != Operation.STORE || repeated) {
      return null;
    }
    BitSet items = new BitSet();
    long bytes = 0;
    for (int k = 0; k < results.length; k++) {
      if (results[k] instanceof L2Error error && error.retry() == Retry.AFTER_ROOM) {
        items.set(k);
        bytes += StoresWithoutRoom.roomFor(objects.get(k).sizeBytes());
      }
    }
    return items.isEmpty() ? null : new StoresWithoutRoom<>(this, items, bytes);
  }

  /** Some of the items, to be tried once more. */
  Batch<N> again(BitSet items, long timeout) {
    return new Batch<>(
        flow,
        request,
        items.stream().map(k -> indices[k]).toArray(),
        items.stream().mapToObj(names::get).toList(),
        items.stream().mapToObj(objects::get).toList(),
        timeout,
        true);
  }
}

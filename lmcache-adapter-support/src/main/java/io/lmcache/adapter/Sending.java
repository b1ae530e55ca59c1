// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Goes through the keys of a request whose turn it is: each is ended at once or gets into the batch
 * that is sent. It knows at any moment which of them are neither, so that whatever is thrown none
 * is forgotten and none ends twice. For one thread.
 *
 * @param <N> how the backend calls a key
 */
final class Sending<N> {

  private final Request<?> request;
  private final List<Integer> turns;
  private final Endings endings;
  private final int[] indices;
  private final List<N> names;
  private final List<MemoryObject> objects;
  private int next;
  private boolean ended;

  Sending(Request<?> request, List<Integer> turns, Endings endings) {
    this.request = request;
    this.turns = turns;
    this.endings = endings;
    this.indices = new int[turns.size()];
    this.names = new ArrayList<>(turns.size());
    this.objects = new ArrayList<>(request.objects().isEmpty() ? 0 : turns.size());
  }

  Request<?> request() {
    return request;
  }

  boolean hasNext() {
    return next < turns.size();
  }

  /** Which key of the request is next. */
  int index() {
    return turns.get(next);
  }

  /** The next key ends with an error. */
  void fail(L2Error error) {
    endings.fail(request, index(), error);
    skip();
  }

  /** The next key has ended. */
  void skip() {
    next++;
    ended |= request.end(1);
  }

  /** The next key is sent. */
  void take(N name) {
    int i = index();
    if (!request.objects().isEmpty()) {
      objects.add(request.objects().get(i));
    }
    indices[names.size()] = i;
    names.add(name);
    next++;
  }

  /** Whether no key is sent. */
  boolean isEmpty() {
    return names.isEmpty();
  }

  /** Whether the request's last key has ended. */
  boolean ended() {
    return ended;
  }

  Batch<N> batch(RequestFlow<N> flow, long timeoutNanos) {
    int[] sent = names.size() == indices.length ? indices : Arrays.copyOf(indices, names.size());
    return new Batch<>(flow, request, sent, names, objects, timeoutNanos, false);
  }

  /**
   * Nothing is sent: ends what has not ended. Throws nothing.
   *
   * @return whether the request's last key has ended
   */
  boolean failRest(Throwable failure) {
    int open = names.size() + turns.size() - next;
    for (int k = 0; k < names.size(); k++) {
      fail(endings, request, indices[k], failure);
    }
    for (int t = next; t < turns.size(); t++) {
      fail(endings, request, turns.get(t), failure);
    }
    return request.end(open) || ended;
  }

  /** Ends keys of which none has been looked at. */
  static boolean failAll(
      Endings endings, Request<?> request, List<Integer> turns, Throwable failure) {
    turns.forEach(i -> fail(endings, request, i, failure));
    return request.end(turns.size());
  }

  static void fail(Endings endings, Request<?> request, int i, Throwable failure) {
    endings.fail(request, i, StorageErrors.of("submit", request.key(i), failure));
  }
}

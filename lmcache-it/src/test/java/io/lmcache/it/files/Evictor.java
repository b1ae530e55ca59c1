// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.core.RoomMaker;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An owner who makes room by deleting the oldest objects, all of one size. It waits for nothing:
 * its answer is chained to the delete. Safe for use by many threads.
 */
final class Evictor implements RoomMaker {

  private final ArrayDeque<ObjectKey> oldestFirst = new ArrayDeque<>();
  private final long size;
  private @Nullable L2Adapter adapter;
  private int evicted;

  Evictor(long size) {
    this.size = size;
  }

  /** Whose objects they are; before anything is stored. */
  synchronized void adapter(L2Adapter owned) {
    adapter = owned;
  }

  synchronized void add(ObjectKey key) {
    oldestFirst.add(key);
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    List<ObjectKey> victims = new ArrayList<>();
    L2Adapter owned;
    synchronized (this) {
      owned = Objects.requireNonNull(adapter);
      while (victims.size() * size < bytes && !oldestFirst.isEmpty()) {
        victims.add(oldestFirst.remove());
      }
      evicted += victims.size();
    }
    return owned
        .delete(DeleteRequest.of(victims))
        .thenApply(result -> result.count(DeleteOutcome.DELETED) * size);
  }

  synchronized int evicted() {
    return evicted;
  }

  /** What it has not evicted. */
  synchronized List<ObjectKey> left() {
    return List.copyOf(oldestFirst);
  }
}

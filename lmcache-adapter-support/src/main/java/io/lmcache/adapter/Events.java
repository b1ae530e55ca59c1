// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What one request has to tell the listener once its stage is complete. Guarded by the flow's lock
 * on effects, since the batches of a request may end on several threads.
 */
final class Events {

  private record Sized(List<ObjectKey> keys, List<Long> sizes) {
    Sized() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(ObjectKey key, long size) {
      keys.add(key);
      sizes.add(size);
    }
  }

  private final Sized replaced = new Sized();
  private final Sized gone = new Sized();
  private final Sized corrupt = new Sized();
  private final Sized deleted = new Sized();
  private final Sized stored = new Sized();
  private final Sized recovered = new Sized();
  private final List<ObjectKey> accessed = new ArrayList<>();

  void stored(ObjectKey key, long size) {
    stored.add(key, size);
  }

  void replaced(ObjectKey key, ObjectIndex.Entry before) {
    add(replaced, key, before);
  }

  /** Nobody is told of the end of what nobody was told of. */
  private static void add(Sized removed, ObjectKey key, ObjectIndex.Entry entry) {
    if (entry.announced()) {
      removed.add(key, entry.sizeBytes());
    }
  }

  void recovered(ObjectKey key, long size) {
    recovered.add(key, size);
  }

  void accessed(ObjectKey key) {
    accessed.add(key);
  }

  void deleted(ObjectKey key, ObjectIndex.Entry entry) {
    add(deleted, key, entry);
  }

  void gone(ObjectKey key, ObjectIndex.Entry entry) {
    add(gone, key, entry);
  }

  void corrupt(ObjectKey key, ObjectIndex.Entry entry) {
    add(corrupt, key, entry);
  }

  /** Gives all of it away; a replaced object goes before the one that replaced it. */
  void moveTo(L2AdapterListener queue, Instant now) {
    queue.removed(List.copyOf(gone.keys), List.copyOf(gone.sizes), RemovalReason.GONE);
    queue.removed(List.copyOf(corrupt.keys), List.copyOf(corrupt.sizes), RemovalReason.CORRUPT);
    queue.removed(List.copyOf(deleted.keys), List.copyOf(deleted.sizes), RemovalReason.DELETED);
    queue.removed(List.copyOf(replaced.keys), List.copyOf(replaced.sizes), RemovalReason.REPLACED);
    queue.recovered(
        List.copyOf(recovered.keys),
        List.copyOf(recovered.sizes),
        Collections.nCopies(recovered.keys.size(), now));
    queue.stored(List.copyOf(stored.keys), List.copyOf(stored.sizes));
    queue.accessed(List.copyOf(accessed));
    for (Sized events : List.of(gone, corrupt, deleted, replaced, recovered, stored)) {
      events.keys.clear();
      events.sizes.clear();
    }
    accessed.clear();
  }
}

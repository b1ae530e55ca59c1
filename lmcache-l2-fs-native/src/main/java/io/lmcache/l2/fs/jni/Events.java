// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.EventDispatcher;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What one request has to tell the listener once its stage is complete. Guarded by itself, since
 * the items of a request may end on several threads.
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
  private final Sized deleted = new Sized();
  private final Sized stored = new Sized();
  private final Sized recovered = new Sized();
  private final List<ObjectKey> accessed = new ArrayList<>();

  synchronized void stored(ObjectKey key, long size) {
    stored.add(key, size);
  }

  synchronized void replaced(ObjectKey key, long size) {
    replaced.add(key, size);
  }

  synchronized void recovered(ObjectKey key, long size) {
    recovered.add(key, size);
  }

  synchronized void accessed(ObjectKey key) {
    accessed.add(key);
  }

  synchronized void deleted(ObjectKey key, long size) {
    deleted.add(key, size);
  }

  synchronized void gone(ObjectKey key, long size) {
    gone.add(key, size);
  }

  /** Gives all of it to the dispatcher; a replaced object goes before the one that replaced it. */
  synchronized void dispatch(EventDispatcher dispatcher, Instant now) {
    dispatcher.removed(List.copyOf(gone.keys), List.copyOf(gone.sizes), RemovalReason.GONE);
    dispatcher.removed(
        List.copyOf(deleted.keys), List.copyOf(deleted.sizes), RemovalReason.DELETED);
    dispatcher.removed(
        List.copyOf(replaced.keys), List.copyOf(replaced.sizes), RemovalReason.REPLACED);
    dispatcher.recovered(
        List.copyOf(recovered.keys),
        List.copyOf(recovered.sizes),
        Collections.nCopies(recovered.keys.size(), now));
    dispatcher.stored(List.copyOf(stored.keys), List.copyOf(stored.sizes));
    dispatcher.accessed(List.copyOf(accessed));
  }
}

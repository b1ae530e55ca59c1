// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects that this adapter knows to be there, and their sizes: what it counts, and what it has
 * told its listener.
 *
 * <p>The backend decides what is there; this only remembers what its answers said, so that an
 * object is counted once. Changes to one key are made while its gate is held, except for the
 * discovery that an object is gone, which removes only the very entry that was there when the
 * question was asked.
 */
final class KnownObjects {

  /** One object; compared by identity, so that an object stored anew is another one. */
  static final class Known {
    private final long sizeBytes;

    private Known(long sizeBytes) {
      this.sizeBytes = sizeBytes;
    }

    long sizeBytes() {
      return sizeBytes;
    }
  }

  private final ConcurrentHashMap<ObjectKey, Known> objects = new ConcurrentHashMap<>();
  private final Accounting accounting;

  KnownObjects(Accounting accounting) {
    this.accounting = accounting;
  }

  /** What is known of the key now. */
  @Nullable Known get(ObjectKey key) {
    return objects.get(key);
  }

  /**
   * An object is there now.
   *
   * @return what was known before
   */
  @Nullable Known put(ObjectKey key, long sizeBytes) {
    Known before = objects.put(key, new Known(sizeBytes));
    if (before == null) {
      accounting.added(key, sizeBytes);
    } else {
      accounting.replaced(key, before.sizeBytes, sizeBytes);
    }
    return before;
  }

  /** A walk found an object. */
  void found(StoredObject object) {
    put(object.key(), object.sizeBytes());
  }

  /**
   * An object was removed.
   *
   * @return what was known of it
   */
  @Nullable Known remove(ObjectKey key) {
    Known before = objects.remove(key);
    if (before != null) {
      accounting.removed(key, before.sizeBytes);
    }
    return before;
  }

  /**
   * An object turned out not to be there.
   *
   * @param seen what was known when the question was asked
   * @return whether that was still the last word
   */
  boolean gone(ObjectKey key, @Nullable Known seen) {
    if (seen == null || !objects.remove(key, seen)) {
      return false;
    }
    accounting.removed(key, seen.sizeBytes);
    return true;
  }
}

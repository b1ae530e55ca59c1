// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What was known of a request's keys when they were sent to the backend. An answer "not there"
 * speaks of that and not of what was stored since.
 *
 * <p>The answers come under the flow's lock on effects.
 */
final class Sightings {

  private final ObjectIndex index;
  private final KeyGate<?> gate;
  private final Request<?> request;
  private final AtomicReferenceArray<ObjectIndex.Entry> seen;
  private final AtomicIntegerArray removals;

  Sightings(ObjectIndex index, KeyGate<?> gate, Request<?> request) {
    this.index = index;
    this.gate = gate;
    this.request = request;
    this.seen = new AtomicReferenceArray<>(request.keys().size());
    this.removals = new AtomicIntegerArray(request.keys().size());
  }

  /** The key is about to be sent; what is known of it. */
  ObjectIndex.@Nullable Entry before(int i) {
    removals.set(i, index.removals(request.key(i)));
    ObjectIndex.Entry entry = index.get(request.key(i));
    seen.set(i, entry);
    return entry;
  }

  /**
   * The answer was that it is there; if nobody knew, somebody else put it there. Not if a store of
   * ours is under way: that may just have published it, and will say so itself. Nor if a delete is,
   * or was: that may have removed it since.
   */
  void present(int i, long bytes) {
    ObjectKey key = request.key(i);
    ObjectIndex.Entry entry = index.get(key);
    boolean known = entry != null && entry.sizeBytes() == bytes;
    if (!known
        && seen.get(i) == entry
        && removals.get(i) == index.removals(key)
        && !gate.has(KeyGate.Mode.STORE, key)
        && !gate.has(KeyGate.Mode.DELETE, key)) {
      found(key, bytes);
    }
  }

  /** In its turn: whatever was known, this is there. */
  void presentInItsTurn(int i, long bytes) {
    ObjectIndex.Entry entry = index.get(request.key(i));
    if (entry == null || entry.sizeBytes() != bytes) {
      found(request.key(i), bytes);
      entry = index.get(request.key(i));
    }
    if (entry != null) {
      entry.confirm();
    }
  }

  private void found(ObjectKey key, long bytes) {
    ObjectIndex.Entry before = index.found(key, bytes);
    if (before != null) {
      request.events().replaced(key, before);
    }
    request.events().recovered(key, bytes);
  }

  /**
   * Its bytes arrived. What the listener is to hear of only when the scan is over, it hears of now:
   * it is in use.
   *
   * @return whether the key has to be asked about: the file may have another size than what was
   *     read of it, or than what was there before
   */
  boolean loaded(int i, long bytes) {
    ObjectKey key = request.key(i);
    ObjectIndex.Entry entry = index.get(key);
    if (entry == null) {
      present(i, bytes);
      return true;
    }
    if (entry.announce()) {
      request.events().recovered(key, entry.sizeBytes());
    }
    return entry.sizeBytes() != bytes && !entry.isConfirmedPadding(bytes);
  }

  /** It is there with another size; whether what is known of it is wrong, and has to be asked. */
  boolean mismatched(int i, long bytes) {
    ObjectIndex.Entry entry = index.get(request.key(i));
    return entry == null || entry.sizeBytes() == bytes;
  }

  /**
   * The answer was that it is not there. If a delete of ours is under way, that may be its doing,
   * and it will say so itself.
   *
   * @return whether the key has to be asked about: it was unknown when the question was put, and
   *     what has become known since may be older than the answer
   */
  boolean absent(int i) {
    ObjectKey key = request.key(i);
    ObjectIndex.Entry last = seen.get(i);
    if (gate.has(KeyGate.Mode.DELETE, key)) {
      return false;
    }
    if (last != null) {
      if (index.gone(key, last)) {
        request.events().gone(key, last);
      }
      return false;
    }
    if (index.scanning()) {
      // A scan may have seen it before it went, and not have written that down yet.
      index.goneUnknown(key);
    }
    return index.get(key) != null;
  }

  /** In its turn: whatever was known, this is not there. */
  void absentInItsTurn(int i) {
    ObjectKey key = request.key(i);
    ObjectIndex.Entry before = index.gone(key);
    if (before != null) {
      request.events().gone(key, before);
    }
  }

  /**
   * The answer was that it is damaged, and so not there any more; a delete goes before it too.
   *
   * @return whether the key has to be asked about in its turn: what is known of it now, or what is
   *     about to be known, may be of the damaged object or of a later one
   */
  boolean corrupt(int i) {
    ObjectKey key = request.key(i);
    ObjectIndex.Entry last = seen.get(i);
    if (last == null) {
      index.goneUnknown(key);
    } else if (!gate.has(KeyGate.Mode.DELETE, key) && index.gone(key, last)) {
      request.events().corrupt(key, last);
    }
    return gate.changes(key) || index.get(key) != null;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What was known of a request's keys when they were sent to the backend. An answer "not there"
 * speaks of that and not of what was stored since.
 */
final class Sightings {

  private final KnownObjects known;
  private final KeyGate<?> gate;
  private final Request<?> request;
  private final AtomicReferenceArray<KnownObjects.Known> seen;

  Sightings(KnownObjects known, KeyGate<?> gate, Request<?> request) {
    this.known = known;
    this.gate = gate;
    this.request = request;
    this.seen = new AtomicReferenceArray<>(request.keys().size());
  }

  /** The key is about to be sent. */
  void before(int i) {
    seen.set(i, known.get(request.key(i)));
  }

  /**
   * The answer was that it is there; if nobody knew, somebody else put it there. Not if a store of
   * ours is under way: that may just have published it, and will say so itself.
   */
  void present(int i, long bytes) {
    ObjectKey key = request.key(i);
    if (seen.get(i) == null && !gate.has(KeyGate.Mode.STORE, key) && known.get(key) == null) {
      known.put(key, bytes);
      request.events().recovered(key, bytes);
    }
  }

  /**
   * The answer was that it is not there. If a delete of ours is under way, that may be its doing,
   * and it will say so itself.
   */
  void absent(int i) {
    if (!gate.has(KeyGate.Mode.DELETE, request.key(i))) {
      absentInItsTurn(i);
    }
  }

  /** The same for the delete itself. */
  void absentInItsTurn(int i) {
    KnownObjects.Known last = seen.get(i);
    if (last != null && known.gone(request.key(i), last)) {
      request.events().gone(request.key(i), last.sizeBytes());
    }
  }

  /** The answer was that it is damaged, and so not there any more; a delete goes before it too. */
  void corrupt(int i) {
    KnownObjects.Known last = seen.get(i);
    if (last != null
        && !gate.has(KeyGate.Mode.DELETE, request.key(i))
        && known.gone(request.key(i), last)) {
      request.events().corrupt(request.key(i), last.sizeBytes());
    }
  }
}

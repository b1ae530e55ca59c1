// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

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

  /** The answer was that it is there; if nobody knew, somebody else put it there. */
  void present(int i, long bytes) {
    if (seen.get(i) == null && !isChanging(i) && known.get(request.key(i)) == null) {
      known.put(request.key(i), bytes);
      request.events().recovered(request.key(i), bytes);
    }
  }

  /** The answer was that it is not there. */
  void absent(int i) {
    if (!isChanging(i)) {
      absentInItsTurn(i);
    }
  }

  /** The same for a request that changes the key, and has it to itself. */
  void absentInItsTurn(int i) {
    KnownObjects.Known last = seen.get(i);
    if (last != null && known.gone(request.key(i), last)) {
      request.events().gone(request.key(i), last.sizeBytes());
    }
  }

  /** The answer was that it is damaged, and so not there any more. */
  void corrupt(int i) {
    KnownObjects.Known last = seen.get(i);
    if (last != null && !isChanging(i) && known.gone(request.key(i), last)) {
      request.events().corrupt(request.key(i), last.sizeBytes());
    }
  }

  /**
   * Whether a store or delete of ours is under way: what was seen may be its doing, and it will say
   * so itself.
   */
  private boolean isChanging(int i) {
    return gate.isChanging(request.key(i));
  }
}

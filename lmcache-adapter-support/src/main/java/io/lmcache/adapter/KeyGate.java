// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Lets operations that must not overlap on a key go one after the other, in the order in which they
 * came.
 *
 * <p>Stores and deletes of a key exclude each other. Lookups pass stores, which publish atomically,
 * but exclude deletes, so that no key is pinned and deleted at once. Loads need no gate.
 *
 * <p>Nobody blocks: a key that has to wait is remembered, and whoever leaves is told whose turn it
 * is. It cannot hang by a cycle: a request takes its places on all its keys in one step, so each
 * waits only for requests that came before it.
 *
 * <p>Safe for use by many threads; one short lock. It holds keys of requests under way and no
 * others.
 *
 * @param <R> the requests, told apart by identity
 */
public final class KeyGate<R> {

  /** What a request does with its keys. */
  public enum Mode {
    /** Looks. */
    LOOKUP,
    /** Publishes. */
    STORE,
    /** Removes. */
    DELETE;

    private boolean goesWith(Mode other) {
      return this == LOOKUP ? other != DELETE : this == STORE && other == LOOKUP;
    }
  }

  /**
   * A key whose turn it is.
   *
   * @param request the request it belongs to
   * @param index the key's index in that request
   */
  public record Turn<R>(R request, int index) {}

  private record Place<R>(R request, int index, Mode mode) {}

  private static final class Gate<R> {
    final List<Place<R>> inside = new ArrayList<>(1);
    final ArrayDeque<Place<R>> waiting = new ArrayDeque<>(0);
    int lookupsWaiting;

    void queue(Place<R> place) {
      waiting.add(place);
      lookupsWaiting += place.mode == Mode.LOOKUP ? 1 : 0;
    }

    /** A place left the queue. */
    void unqueued(Place<R> place) {
      lookupsWaiting -= place.mode == Mode.LOOKUP ? 1 : 0;
    }

    void giveUp(R request) {
      if (inside.removeIf(place -> place.request == request)) {
        return;
      }
      for (Iterator<Place<R>> it = waiting.iterator(); it.hasNext(); ) {
        Place<R> place = it.next();
        if (place.request == request) {
          it.remove();
          unqueued(place);
        }
      }
    }

    /** Whom a request waits for here: nobody, if it has its place. */
    List<R> before(R request) {
      List<R> before = new ArrayList<>();
      inside.forEach(place -> before.add(place.request));
      for (Place<R> place : waiting) {
        if (place.request == request) {
          return before;
        }
        before.add(place.request);
      }
      return List.of();
    }

    boolean has(Mode mode) {
      return inside.stream().anyMatch(place -> place.mode == mode)
          || waiting.stream().anyMatch(place -> place.mode == mode);
    }

    boolean admits(Mode mode) {
      for (Place<R> place : inside) {
        if (!mode.goesWith(place.mode)) {
          return false;
        }
      }
      return true;
    }

    boolean mustQueue(Mode mode) {
      for (Place<R> place : waiting) {
        if (!mode.goesWith(place.mode)) {
          return true;
        }
      }
      return !admits(mode);
    }
  }

  private final Map<ObjectKey, Gate<R>> gates = new HashMap<>();

  /**
   * Takes a place on each key; on none if it throws, as without memory.
   *
   * @param request who enters, for the first time
   * @param keys none twice: a request would wait for itself
   * @param mode what it does with all of them
   * @return the indices that may go on at once; the others are told by a later {@link #leave}
   */
  public synchronized List<Integer> enter(R request, List<ObjectKey> keys, Mode mode) {
    List<Integer> admitted = new ArrayList<>(keys.size());
    try {
      for (int i = 0; i < keys.size(); i++) {
        Gate<R> gate = gates.computeIfAbsent(keys.get(i), key -> new Gate<>());
        Place<R> place = new Place<>(request, i, mode);
        if (gate.mustQueue(mode)) {
          gate.queue(place);
        } else {
          gate.inside.add(place);
          admitted.add(i);
        }
      }
      return admitted;
    } catch (RuntimeException | Error e) {
      // Nobody can have come to wait for it yet.
      withdraw(request, keys);
      throw e;
    }
  }

  private void withdraw(R request, List<ObjectKey> keys) {
    for (ObjectKey key : keys) {
      Gate<R> gate = gates.get(key);
      if (gate != null) {
        gate.giveUp(request);
        if (gate.inside.isEmpty()) {
          gates.remove(key);
        }
      }
    }
  }

  /**
   * Gives up the request's places on all its keys, those it still waits for included.
   *
   * @return whose turn it is now
   */
  public synchronized List<Turn<R>> leave(R request, List<ObjectKey> keys) {
    List<Turn<R>> turns = new ArrayList<>();
    for (ObjectKey key : keys) {
      Gate<R> gate = gates.get(key);
      if (gate == null) {
        continue;
      }
      gate.giveUp(request);
      admitWaiting(gate, turns);
      if (gate.inside.isEmpty()) {
        gates.remove(key);
      }
    }
    return turns;
  }

  /**
   * Takes away the places of all that wait.
   *
   * @return the keys that will not get their turn
   */
  public synchronized List<Turn<R>> cancelWaiting() {
    List<Turn<R>> cancelled = new ArrayList<>();
    for (Gate<R> gate : gates.values()) {
      for (Place<R> place : gate.waiting) {
        cancelled.add(new Turn<>(place.request, place.index));
      }
      gate.waiting.clear();
      gate.lookupsWaiting = 0;
    }
    return cancelled;
  }

  /** Whether a request of this mode has a place on the key, or waits for one. */
  public synchronized boolean has(Mode mode, ObjectKey key) {
    Gate<R> gate = gates.get(key);
    return gate != null && gate.has(mode);
  }

  /** Whether a request of this mode has a place on any of the keys, or waits for one. */
  synchronized boolean hasAny(Mode mode, List<ObjectKey> keys) {
    if (gates.isEmpty()) {
      return false;
    }
    for (ObjectKey key : keys) {
      if (has(mode, key)) {
        return true;
      }
    }
    return false;
  }

  /** Those of the requests that wait for a place on a key. */
  synchronized Set<R> waiting(Predicate<R> which) {
    Set<R> found = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Gate<R> gate : gates.values()) {
      gate.waiting.stream().map(Place::request).filter(which).forEach(found::add);
    }
    return found;
  }

  /**
   * Whether a request waits for another one, be it through others that wait themselves. All that it
   * waits for came before it, so the answer does not change while both are under way.
   *
   * @param keysOf the keys on which a request has places or waits for them
   */
  synchronized boolean waitsFor(R request, R other, Function<R, List<ObjectKey>> keysOf) {
    Set<R> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<R> open = new ArrayDeque<>();
    open.add(request);
    for (R next = open.poll(); next != null; next = open.poll()) {
      if (next == other) {
        return true;
      }
      if (seen.add(next)) {
        for (ObjectKey key : keysOf.apply(next)) {
          Gate<R> gate = gates.get(key);
          if (gate != null) {
            open.addAll(gate.before(next));
          }
        }
      }
    }
    return false;
  }

  /** Whether a request that changes the key has a place on it, or waits for one. */
  synchronized boolean changes(ObjectKey key) {
    return gates.containsKey(key) && (has(Mode.STORE, key) || has(Mode.DELETE, key));
  }

  /** Whether no request is under way. */
  public synchronized boolean isEmpty() {
    return gates.isEmpty();
  }

  /**
   * Admits those whose turn it is. Nothing passes a delete and only lookups pass a store, so the
   * scan ends at the first delete, and at the first store if no lookup waits: it is short however
   * many do.
   */
  private static <R> void admitWaiting(Gate<R> gate, List<Turn<R>> turns) {
    boolean storePassedOver = false;
    for (Iterator<Place<R>> it = gate.waiting.iterator(); it.hasNext(); ) {
      Place<R> place = it.next();
      boolean behind = storePassedOver && place.mode != Mode.LOOKUP;
      if (!behind && gate.admits(place.mode)) {
        it.remove();
        gate.unqueued(place);
        gate.inside.add(place);
        turns.add(new Turn<>(place.request, place.index));
      } else if (place.mode == Mode.DELETE || gate.lookupsWaiting == 0) {
        return;
      } else {
        storePassedOver |= place.mode == Mode.STORE;
      }
    }
  }
}

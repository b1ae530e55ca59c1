// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The keys that a run may have left in the adapter, from the first submit until their delete is
 * answered. Rounds are remembered, not keys. Safe for use by many threads: the run writes, and
 * whoever ends the process early reads.
 */
final class StoredKeys {

  private final BenchKeys keys;
  private final int keysPerRound;
  private final Deque<RoundId> rounds = new ArrayDeque<>();

  /** How many keys of the first round have been taken. */
  private int taken;

  StoredKeys(BenchKeys keys, int keysPerRound) {
    this.keys = keys;
    this.keysPerRound = keysPerRound;
  }

  synchronized void add(RoundId round) {
    rounds.add(round);
  }

  synchronized long count() {
    return (long) rounds.size() * keysPerRound - taken;
  }

  /** The first keys, at most as many as wanted; they stay until they are {@link #forget}. */
  synchronized List<ObjectKey> first(int most) {
    List<ObjectKey> batch = new ArrayList<>();
    int skip = taken;
    for (RoundId round : rounds) {
      for (int i = skip; i < keysPerRound; i++) {
        if (batch.size() == most) {
          return batch;
        }
        batch.add(keys.stored(round, i));
      }
      skip = 0;
    }
    return batch;
  }

  /** Drops as many of the first keys. */
  synchronized void forget(int number) {
    taken += number;
    while (taken >= keysPerRound && !rounds.isEmpty()) {
      rounds.remove();
      taken -= keysPerRound;
    }
  }

  /** One of them. */
  Optional<ObjectKey> example() {
    return first(1).stream().findFirst();
  }
}

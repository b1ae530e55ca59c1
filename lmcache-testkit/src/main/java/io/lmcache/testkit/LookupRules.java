// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a lookup finds, how far it goes, and what its lease says. */
abstract class LookupRules {

  private static final int SIZE = 500;

  /**
   * Looks up requests of which every second key is there, beginning with one that is and with one
   * that is not, with and without pins: hits are where they must be.
   *
   * <p>If this fails, look at how answers find their way back to positions.
   */
  @Test
  @Rule("LOOKUP-1")
  void everySecondKeyIsThere(AdapterUnderTest a) {
    for (int first = 0; first < 2; first++) {
      for (List<ObjectKey> keys : Batches.of(a, first)) {
        List<ObjectKey> there = Batches.everySecond(keys, first);
        if (!there.isEmpty()) {
          Ops.mustStore(a, there, 1, SIZE);
        }
        for (boolean pin : new boolean[] {false, true}) {
          try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, pin)) {
            Expect.hits("LOOKUP-1", keys, lease, there::contains);
          }
        }
      }
    }
  }

  /**
   * Looks up any of the keys, in any order, several times.
   *
   * <p>If this fails, look at how answers find their way back to positions, and at whether a lookup
   * relies on the order of its keys.
   */
  @Test
  @Rule("LOOKUP-1")
  void anyOfTheKeysAreThere(AdapterUnderTest a) {
    Random random = a.random("LOOKUP-1");
    List<ObjectKey> keys = a.keys(Batches.count(a, 100));
    List<ObjectKey> there = keys.stream().filter(key -> random.nextInt(3) > 0).toList();
    if (there.isEmpty()) {
      there = keys;
    }
    Ops.mustStore(a, there, 1, SIZE);
    Set<ObjectKey> present = Set.copyOf(there);
    for (int i = 0; i < a.scaled(20); i++) {
      List<ObjectKey> asked =
          Batches.shuffled(keys, random).subList(0, 1 + random.nextInt(keys.size()));
      try (LookupLease lease = Ops.lookup(a, asked, Extent.ALL, i % 2 == 0)) {
        Expect.hits("LOOKUP-1, seed " + a.seed(), asked, lease, present::contains);
      }
    }
  }

  /**
   * Looks up prompts by PREFIX that lack no key, the first, one in the middle, or the last: all
   * before the gap are hits, and nothing behind it is.
   *
   * <p>If this fails, look at whether the first miss is the first by position or the first to be
   * answered, and at whether hits that were answered before it are taken back.
   */
  @Test
  @Rule("LOOKUP-2")
  void prefixEndsAtTheFirstGap(AdapterUnderTest a) {
    int looked = 0;
    int series = 0;
    for (Gap gap : Gap.values()) {
      for (List<ObjectKey> keys : Batches.of(a, series++)) {
        int missing = gap.at(keys.size());
        storeAllBut(a, keys, Set.of(missing));
        for (boolean pin : new boolean[] {false, true}) {
          try (LookupLease lease = Ops.lookup(a, keys, Extent.PREFIX, pin)) {
            assertPrefix(keys, missing, lease);
            looked++;
          }
        }
      }
    }
    assertThat(looked).as("lookups with and without gaps").isGreaterThanOrEqualTo(8);
  }

  /**
   * The same with pins, which are looked for by deleting: keys before the gap are PINNED, those
   * behind it are DELETED. Where deletes are declined, the status says how many are pinned.
   *
   * <p>If this fails, look at whether the pins of hits behind the gap are let go of, and those
   * before it are not.
   */
  @Test
  @Rule("LOOKUP-2")
  void nothingBehindAGapIsPinned(AdapterUnderTest a) {
    int series = 0;
    for (Gap gap : Gap.values()) {
      for (List<ObjectKey> keys : Batches.of(a, series++)) {
        int missing = gap.at(keys.size());
        storeAllBut(a, keys, Set.of(missing));
        try (LookupLease lease = Ops.lookup(a, keys, Extent.PREFIX, true)) {
          assertPrefix(keys, missing, lease);
          assertThat(a.adapter().status().pinnedKeys())
              .as("LOOKUP-2: pinned keys of %d, key %d missing", keys.size(), missing + 1)
              .isEqualTo(missing);
          if (!a.declines(Feature.DELETE)) {
            DeleteResult result = Ops.delete(a, keys);
            for (int i = 0; i < keys.size(); i++) {
              assertThat(result.outcome(i))
                  .as(
                      "LOOKUP-2: delete of %s, key %d of %d, key %d missing",
                      keys.get(i), i + 1, keys.size(), missing + 1)
                  .isEqualTo(afterPrefix(i, missing));
            }
          }
        }
      }
    }
  }

  private static DeleteOutcome afterPrefix(int i, int missing) {
    if (i < missing) {
      return DeleteOutcome.PINNED;
    }
    return i == missing ? DeleteOutcome.ABSENT : DeleteOutcome.DELETED;
  }

  /**
   * Looks up prompts with several gaps at any places, by PREFIX: only the first one counts.
   *
   * <p>If this fails, look at what decides about the end when several misses are answered in
   * another order than asked.
   */
  @Test
  @Rule("LOOKUP-2")
  void onlyTheFirstOfSeveralGapsCounts(AdapterUnderTest a) {
    Random random = a.random("LOOKUP-2");
    for (int round = 0; round < a.scaled(10); round++) {
      List<ObjectKey> keys = a.keys(round * 1000, Batches.count(a, 64));
      Set<Integer> missing = new TreeSet<>();
      for (int i = 0; i < 5; i++) {
        missing.add(random.nextInt(keys.size()));
      }
      storeAllBut(a, keys, missing);
      try (LookupLease lease = Ops.lookup(a, keys, Extent.PREFIX, true)) {
        int first = missing.iterator().next();
        assertPrefix(keys, first, lease);
        assertThat(a.adapter().status().pinnedKeys())
            .as("LOOKUP-2: pinned keys of %d without those at %s", keys.size(), missing)
            .isEqualTo(first);
      }
    }
  }

  private enum Gap {
    NONE,
    FIRST,
    MIDDLE,
    LAST;

    /** The position that is missing among so many; the number itself for none. */
    int at(int count) {
      return switch (this) {
        case NONE -> count;
        case FIRST -> 0;
        case MIDDLE -> count / 2;
        case LAST -> count - 1;
      };
    }
  }

  private static void storeAllBut(AdapterUnderTest a, List<ObjectKey> keys, Set<Integer> missing) {
    List<ObjectKey> there = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (!missing.contains(i)) {
        there.add(keys.get(i));
      }
    }
    if (!there.isEmpty()) {
      Ops.mustStore(a, there, 1, SIZE);
    }
  }

  private static void assertPrefix(List<ObjectKey> keys, int missing, LookupLease lease) {
    assertThat(lease.size()).as("LOOKUP-3: size of a lease").isEqualTo(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      assertThat(lease.hit(i))
          .as(
              "LOOKUP-2: key %d of %d is a hit, key %d missing; %s",
              i + 1, keys.size(), missing + 1, keys.get(i))
          .isEqualTo(i < missing);
    }
  }

  /**
   * Asks leases for their size and date: the size is the request's, hits or not, and the date lies
   * between submit and completion, by the clock of the context.
   *
   * <p>If this fails, look at whether keys that are not there are left out, and at which clock is
   * asked.
   */
  @Test
  @Rule("LOOKUP-3")
  void aLeaseHasSizeAndDate(AdapterUnderTest a) {
    for (List<ObjectKey> keys : Batches.of(a)) {
      Ops.mustStore(a, Batches.everySecond(keys, 0), 1, SIZE);
      for (Extent extent : Extent.values()) {
        for (boolean pin : new boolean[] {false, true}) {
          // Clocks may be read in milliseconds.
          Instant before = a.clock().instant().truncatedTo(ChronoUnit.MILLIS);
          try (LookupLease lease = Ops.lookup(a, keys, extent, pin)) {
            Instant after = a.clock().instant();
            assertThat(lease.size())
                .as("LOOKUP-3: size of a lease of %d keys, %s, pins %s", keys.size(), extent, pin)
                .isEqualTo(keys.size());
            assertThat(lease.since())
                .as("LOOKUP-3: date of a lease of %s, by the context's clock", keys.get(0))
                .isBetween(before, after);
          }
        }
      }
    }
  }

  /**
   * Asks leases for hits that are none: of keys that are not there, and of keys behind a gap.
   *
   * <p>If this fails, look at what {@code get} does with a position that has no answer.
   */
  @Test
  @Rule("LOOKUP-3")
  void whatIsNoHitIsRefused(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, 17));
    int missing = keys.size() / 2;
    storeAllBut(a, keys, Set.of(missing));
    for (Extent extent : Extent.values()) {
      int refused = 0;
      try (LookupLease lease = Ops.lookup(a, keys, extent, true)) {
        for (int i = 0; i < keys.size(); i++) {
          if (lease.hit(i)) {
            assertThat(lease.get(i).sizeBytes())
                .as("LOOKUP-3: size of %s", keys.get(i))
                .isGreaterThanOrEqualTo(SIZE);
          } else {
            int at = i;
            assertThatThrownBy(
                    () -> lease.get(at),
                    "LOOKUP-3: get of %s, which is no hit with %s",
                    keys.get(i),
                    extent)
                .isInstanceOf(IllegalArgumentException.class);
            refused++;
          }
        }
      }
      assertThat(refused)
          .as("keys that are no hits with %s", extent)
          .isEqualTo(extent == Extent.ALL ? 1 : keys.size() - missing);
    }
  }

  /**
   * Reads a lease after each of its pins is gone, after it was closed, after its object was
   * replaced, and after the adapter was closed: it says what it said.
   *
   * <p>If this fails, look at whether a lease keeps its answers itself, or asks an index or the
   * adapter again.
   */
  @Test
  @Rule("LOOKUP-3")
  void aLeaseStaysReadable(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, 3));
    Ops.mustStore(a, keys.subList(0, 1), 1, SIZE);
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, true);
        LookupLease left = Ops.lookup(a, keys, Extent.ALL, true)) {
      Said said = Said.by(lease);
      assertThat(said.hits().get(0)).as("LOOKUP-1: %s is a hit", keys.get(0)).isTrue();
      for (int i = 0; i < lease.size(); i++) {
        lease.release(i);
      }
      assertThat(Said.by(lease)).as("LOOKUP-3: a lease, pins gone").isEqualTo(said);
      PinRules.letGo(lease);
      assertThat(Said.by(lease)).as("LOOKUP-3: a lease, closed").isEqualTo(said);
      Said saidByTheOther = Said.by(left);
      Ops.store(a, keys.get(0), 2, SIZE - 1);
      assertThat(Said.by(lease)).as("LOOKUP-3: a lease of a replaced object").isEqualTo(said);
      a.close();
      assertThat(Said.by(lease)).as("LOOKUP-3: a lease, adapter closed").isEqualTo(said);
      assertThat(Said.by(left))
          .as("LOOKUP-3: a lease that still holds pins, adapter closed")
          .isEqualTo(saidByTheOther);
      // The adapter that is asked for its pins after the test is one without any.
      a.reopen();
    }
  }

  /** What a lease says. */
  private record Said(
      int size, List<Boolean> hits, List<Long> sizes, List<Boolean> exact, Instant since) {

    static Said by(LookupLease lease) {
      List<Boolean> hits = new ArrayList<>();
      List<Long> sizes = new ArrayList<>();
      List<Boolean> exact = new ArrayList<>();
      for (int i = 0; i < lease.size(); i++) {
        hits.add(lease.hit(i));
        sizes.add(lease.hit(i) ? lease.get(i).sizeBytes() : -1);
        exact.add(lease.hit(i) && lease.get(i).sizeExact());
        assertThat(lease.error(i)).as("error of key %d of a lease", i + 1).isNull();
      }
      return new Said(lease.size(), hits, sizes, exact, lease.since());
    }
  }
}

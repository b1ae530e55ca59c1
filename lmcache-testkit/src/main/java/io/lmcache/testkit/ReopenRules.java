// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the next adapter on the same storage finds, counts and tells. */
abstract class ReopenRules {

  private static final List<String> SALTS = List.of("", "tenant-a", "tenant b");
  private static final int OBJECTS = 30;

  /** Clocks of a service may be ahead of ours by so much. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  /** What is there at the end of the first adapter: sizes and versions. */
  private record Stored(int size, int version) {}

  /**
   * Stores objects of many sizes under several salts, an empty one too, puts another object in the
   * place of some and deletes some.
   */
  private static Map<ObjectKey, Stored> fill(AdapterUnderTest a) {
    Map<ObjectKey, Stored> there = new LinkedHashMap<>();
    for (int i = 0; i < OBJECTS; i++) {
      ObjectKey key = a.key(i, SALTS.get(i % SALTS.size()));
      int size = i * 331;
      Ops.mustStore(a, List.of(key), 1, size);
      there.put(key, new Stored(size, 1));
      if (i % 5 == 1) {
        assertThat(Ops.store(a, key, 2, size + 1))
            .as("store of %s with another size", key)
            .isEqualTo(StoreOutcome.STORED);
        there.put(key, new Stored(size + 1, 2));
      } else if (i % 5 == 2 && !a.declines(Feature.DELETE)) {
        assertThat(Ops.delete(a, key)).as("delete of %s", key).isEqualTo(DeleteOutcome.DELETED);
        there.remove(key);
      }
    }
    return there;
  }

  private static List<ObjectKey> all(AdapterUnderTest a) {
    List<ObjectKey> keys = new ArrayList<>();
    for (int i = 0; i < OBJECTS; i++) {
      keys.add(a.key(i, SALTS.get(i % SALTS.size())));
    }
    return keys;
  }

  /**
   * Thirty objects, some replaced, some deleted; then the adapter is opened again: each is found
   * with its size, loads and is listed, what was deleted is not there, and what is deleted now is
   * gone for the adapter after that. If PERSISTENCE is declined, nothing is there.
   *
   * <p>If this fails, look at what is written when: a name that only memory knows, an index that is
   * saved on close and not on a store, a delete that the storage never hears of.
   */
  @Test
  @Rule("REOPEN-1")
  void whatWasStoredIsThere(AdapterUnderTest a) {
    Map<ObjectKey, Stored> there = fill(a);
    a.reopen();
    if (a.declines(Feature.PERSISTENCE)) {
      assertEmpty(a, there.keySet().iterator().next());
      return;
    }
    assertThere(a, there);
    ObjectKey removed = there.keySet().iterator().next();
    if (!a.declines(Feature.DELETE)) {
      assertThat(Ops.delete(a, removed))
          .as("REOPEN-1: delete of %s, stored by the adapter before", removed)
          .isEqualTo(DeleteOutcome.DELETED);
      there.remove(removed);
    }
    a.reopen();
    assertThere(a, there);
  }

  private static void assertThere(AdapterUnderTest a, Map<ObjectKey, Stored> there) {
    for (ObjectKey key : all(a)) {
      Stored stored = there.get(key);
      assertThat(Ops.isThere(a, key))
          .as(
              "REOPEN-1: whether %s is found, which was %s",
              key, stored == null ? "deleted" : stored)
          .isEqualTo(stored != null);
      if (stored != null) {
        assertSize("REOPEN-1: a lookup", a, key, stored.size, Ops.sizeOf(a, key));
        Ops.mustLoad(a, key, stored.version, stored.size);
      } else {
        assertThat(Ops.load(a, key, a.poisoned(1)))
            .as("REOPEN-1: load of %s, which was deleted", key)
            .isEqualTo(LoadOutcome.NOT_FOUND);
      }
    }
    if (!a.declines(Feature.LIST)) {
      Map<ObjectKey, Long> listed = Ops.list(a, 7);
      assertThat(listed.keySet())
          .as("REOPEN-1: listed of %d objects", there.size())
          .isEqualTo(there.keySet());
      listed.forEach(
          (key, size) ->
              assertSize(
                  "REOPEN-1: a listing",
                  a,
                  key,
                  Objects.requireNonNull(there.get(key)).size,
                  size));
    }
  }

  private static void assertEmpty(AdapterUnderTest a, ObjectKey one) {
    assertThat(a.current().atOpen().storedObjects())
        .as("REOPEN-1: objects of an adapter that declines PERSISTENCE, when it is opened")
        .isZero();
    assertThat(Ops.hits(a, all(a))).as("REOPEN-1: hits of %s", all(a)).containsOnly(false);
    assertThat(Ops.load(a, one, a.poisoned(1)))
        .as("REOPEN-1: load of %s", one)
        .isEqualTo(LoadOutcome.NOT_FOUND);
    if (!a.declines(Feature.LIST)) {
      assertThat(Ops.list(a, 7)).as("REOPEN-1: a listing").isEmpty();
    }
    Ops.mustStore(a, List.of(one), 3, 100);
    Ops.mustLoad(a, one, 3, 100);
  }

  /** A size that comes from the storage: exact, or an upper bound if the adapter says so. */
  private static void assertSize(
      String what, AdapterUnderTest a, ObjectKey key, long stored, long said) {
    try (LookupLease lease = Ops.lookup(a, List.of(key), Extent.ALL, false)) {
      if (lease.get(0).sizeExact()) {
        assertThat(said).as("%s: size of %s", what, key).isEqualTo(stored);
      } else {
        assertThat(said).as("%s: size of %s", what, key).isGreaterThanOrEqualTo(stored);
      }
    }
  }

  /**
   * The next adapter counts the same bytes and objects, in all and for each salt, as the one before
   * did at its close, before it is asked for any of them.
   *
   * <p>If this fails, look at the walk with which the adapter opens: what it leaves out, counts
   * twice, or counts with the sizes of files and not of objects; and at whether {@code recovering}
   * is true until it is done.
   */
  @Test
  @Rule("REOPEN-2")
  void whatIsThereIsCounted(AdapterUnderTest a) {
    Map<ObjectKey, Stored> there = fill(a);
    a.close();
    AdapterUsage before = a.adapter().usage();
    a.reopen();
    AdapterUsage now = Settled.usage(a);
    if (a.declines(Feature.PERSISTENCE)) {
      assertThat(now.storedObjects()).as("REOPEN-2: objects counted").isZero();
      assertThat(now.storedBytes()).as("REOPEN-2: bytes counted").isZero();
      assertThat(now.bytesBySalt()).as("REOPEN-2: bytes by salt, 0 in all").isEmpty();
      return;
    }
    assertThat(now.storedObjects())
        .as("REOPEN-2: objects counted after reopening, %d of them this test's", there.size())
        .isEqualTo(before.storedObjects());
    boolean exact = true;
    for (ObjectKey key : there.keySet()) {
      try (LookupLease lease = Ops.lookup(a, List.of(key), Extent.ALL, false)) {
        exact &= lease.get(0).sizeExact();
      }
    }
    if (exact) {
      assertThat(now.storedBytes())
          .as("REOPEN-2: bytes counted after reopening")
          .isEqualTo(before.storedBytes());
      assertThat(now.bytesBySalt())
          .as("REOPEN-2: bytes by salt after reopening, %d in all", before.storedBytes())
          .isEqualTo(before.bytesBySalt());
    } else {
      assertThat(now.storedBytes())
          .as("REOPEN-2: bytes counted after reopening, where sizes are upper bounds")
          .isGreaterThanOrEqualTo(before.storedBytes());
    }
  }

  /**
   * The listener of the next adapter hears of each object by {@code recovered}, once, with its size
   * and an age that is not in the future, the oldest first; of those that were deleted it hears
   * nothing, and only what is stored now is {@code stored}.
   *
   * <p>If this fails, look at the events of the walk with which the adapter opens, at where the
   * ages come from, and at whether an object that is met again later is told once more.
   */
  @Test
  @Rule("REOPEN-3")
  void theListenerHearsOfWhatIsThere(AdapterUnderTest a) {
    Map<ObjectKey, Stored> there = fill(a);
    a.reopen();
    int expected = a.declines(Feature.PERSISTENCE) ? 0 : there.size();
    a.await(
        "REOPEN-3: events of " + expected + " objects that are there",
        () -> a.events().about(all(a)).size() >= expected);
    Ops.hits(a, all(a).subList(0, 10));
    Ops.mustStore(a, List.of(a.key(999)), 1, 10);
    a.awaitEvents();
    Instant wall = Instant.now();
    Instant latest = (wall.isAfter(a.clock().instant()) ? wall : a.clock().instant()).plus(SKEW);
    List<Event> heard = a.events().about(all(a));
    assertThat(heard.stream().map(Event::key))
        .as("REOPEN-3: what is heard of %d objects that are there", expected)
        .containsExactlyInAnyOrderElementsOf(expected == 0 ? List.of() : there.keySet());
    Instant last = Instant.MIN;
    for (Event event : heard) {
      assertThat(event.kind())
          .as("REOPEN-3: event of %s, stored by the adapter before", event.key())
          .isEqualTo(Event.Kind.RECOVERED);
      assertSize(
          "REOPEN-3: its event",
          a,
          event.key(),
          Objects.requireNonNull(there.get(event.key())).size,
          event.sizeBytes());
      assertThat(event.lastModified())
          .as("REOPEN-3: age of %s, not after %s and the oldest first", event.key(), latest)
          .isNotNull()
          .isBetween(last, latest);
      last = Objects.requireNonNull(event.lastModified());
    }
    assertThat(a.events().summaries(a.key(999)))
        .as("REOPEN-3: events of %s, stored by this adapter", a.key(999))
        .containsExactly("STORED 10");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.LeaseInfo;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What pins do, and that they are counted. */
abstract class PinRules {

  private static final int SIZE = 500;

  /**
   * Deletes requests of which every second key is pinned: those are PINNED, at their positions, and
   * stay; the others are DELETED. Once the lease is closed, the pinned ones are DELETED too. An
   * adapter that declines deletes refuses them, pinned or not.
   *
   * <p>If this fails, look at whether a delete asks for the pins of each key, and at whether it
   * does so when it takes effect.
   */
  @Test
  @Rule("PIN-1")
  void pinnedKeysStay(AdapterUnderTest a) {
    for (List<ObjectKey> keys : Batches.of(a)) {
      Ops.mustStore(a, keys, 1, SIZE);
      List<ObjectKey> pinned = Batches.everySecond(keys, 0);
      try (LookupLease lease = Ops.pin(a, pinned)) {
        Expect.hits("LOOKUP-1", pinned, lease, key -> true);
        if (a.declines(Feature.DELETE)) {
          Expect.deleteDeclined(a, keys, 1, SIZE);
        } else {
          Expect.deleted(
              "PIN-1",
              keys,
              Ops.delete(a, keys),
              key -> pinned.contains(key) ? DeleteOutcome.PINNED : DeleteOutcome.DELETED);
          Expect.there("PIN-1, pinned", a, pinned, 1, SIZE);
        }
      }
      if (a.declines(Feature.DELETE)) {
        Expect.deleteDeclined(a, keys, 1, SIZE);
      } else {
        Expect.deleted("PIN-1, pin gone", pinned, Ops.delete(a, pinned), DeleteOutcome.DELETED);
        Expect.absent("PIN-1, pin gone", a, pinned);
      }
    }
  }

  /**
   * Pins a key by three leases and lets them go one by one, in another order than they came: it is
   * pinned until the last has gone.
   *
   * <p>If this fails, look at whether pins are counted, or only noted.
   */
  @Test
  @Rule("PIN-2")
  void aKeyIsPinnedUntilTheLastLeaseLetsGo(AdapterUnderTest a) {
    ObjectKey key = a.key(1);
    ObjectKey other = a.key(2);
    List<ObjectKey> both = List.of(key, other).subList(0, Batches.count(a, 2));
    Ops.mustStore(a, both, 1, SIZE);
    try (LookupLease first = Ops.pin(a, List.of(key));
        LookupLease second = Ops.pin(a, both);
        LookupLease third = Ops.pin(a, List.of(key))) {
      assertPinned("PIN-2, three leases", a, key, true);
      letGo(second);
      assertPinned("PIN-2, two of three leases", a, key, true);
      first.release(0);
      assertPinned("PIN-2, one of three leases", a, key, true);
      letGo(third);
      assertPinned("PIN-2, no lease", a, key, false);
    }
  }

  /**
   * Lets go of one lease again and again, in every way, while another one holds the key: that one's
   * pin stays.
   *
   * <p>If this fails, look at whether a lease remembers what it has let go of.
   */
  @Test
  @Rule("PIN-3")
  void lettingGoTwiceDoesNothing(AdapterUnderTest a) {
    ObjectKey key = a.key(1);
    Ops.mustStore(a, List.of(key), 1, SIZE);
    try (LookupLease holding = Ops.pin(a, List.of(key));
        LookupLease released = Ops.pin(a, List.of(key));
        LookupLease closed = Ops.pin(a, List.of(key))) {
      assertThat(holding.hit(0)).as("LOOKUP-1: %s is a hit", key).isTrue();
      for (int i = 0; i < 3; i++) {
        released.release(0);
      }
      letGo(released);
      assertPinned("PIN-3, after releases of the same pin", a, key, true);
      for (int i = 0; i < 3; i++) {
        letGo(closed);
      }
      closed.release(0);
      assertPinned("PIN-3, after closes of the same lease", a, key, true);
    }
    assertPinned("PIN-3, all leases closed", a, key, false);
  }

  /**
   * Lets go of a key by several threads at the same time, while another lease holds it.
   *
   * <p>If this fails, look at whether two threads can both find a pin that is still to be let go.
   */
  @Test
  @Rule("PIN-3")
  void lettingGoByManyThreadsCountsOnce(AdapterUnderTest a) {
    ObjectKey key = a.key(1);
    Ops.mustStore(a, List.of(key), 1, SIZE);
    try (LookupLease holding = Ops.pin(a, List.of(key))) {
      assertThat(holding.hit(0)).as("LOOKUP-1: %s is a hit", key).isTrue();
      for (int round = 0; round < a.scaled(20); round++) {
        try (LookupLease lease = Ops.pin(a, List.of(key))) {
          together(a, () -> lease.release(0), lease::close, () -> lease.release(0), lease::close);
        }
        assertPinnedKeys("PIN-3, after four threads let go, round " + round, a, Set.of(key));
      }
      assertPinned("PIN-3, after threads let go of another lease", a, key, true);
    }
  }

  /**
   * Lets go of leases after their adapter's close: nothing happens, neither to the caller nor to
   * the pins of the adapter that is opened next on the same storage.
   *
   * <p>If this fails, look at what a lease does with an adapter that is closed, and at whether pins
   * are kept where two adapters share them.
   */
  @Test
  @Rule("PIN-3")
  void lettingGoAfterACloseDoesNothing(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, 2));
    Ops.mustStore(a, keys, 1, SIZE);
    LookupLease released = Ops.pin(a, keys);
    LookupLease closed = Ops.pin(a, keys);
    Expect.hits("LOOKUP-1", keys, closed, key -> true);
    a.reopen();
    if (a.declines(Feature.PERSISTENCE)) {
      Ops.mustStore(a, keys, 1, SIZE);
    }
    try (LookupLease lease = Ops.pin(a, keys)) {
      Expect.hits("LOOKUP-1", keys, lease, key -> true);
      for (int i = 0; i < keys.size(); i++) {
        released.release(i);
      }
      letGo(released);
      letGo(closed);
      letGo(closed);
      assertPinnedKeys("PIN-3, after an earlier adapter's leases let go", a, Set.copyOf(keys));
      for (ObjectKey key : keys) {
        assertPinned("PIN-3, after an earlier adapter's leases let go", a, key, true);
      }
    }
  }

  /**
   * Lets go of the keys of a lease one by one: those that are left stay pinned, those that are gone
   * can be deleted.
   *
   * <p>If this fails, look at whether {@code release} takes the position that it is given, among
   * all keys and not among the hits.
   */
  @Test
  @Rule("PIN-4")
  void lettingGoOfOneKeyLeavesTheOthers(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, 9));
    // A key that is not there shifts the hits against the positions.
    List<ObjectKey> there = keys.size() < 3 ? keys : keys.subList(1, keys.size());
    Ops.mustStore(a, there, 1, SIZE);
    List<ObjectKey> left = new ArrayList<>(there);
    List<ObjectKey> order = Batches.shuffled(keys, a.random("PIN-4"));
    try (LookupLease lease = Ops.pin(a, keys)) {
      Expect.hits("LOOKUP-1", keys, lease, there::contains);
      for (ObjectKey key : order) {
        lease.release(keys.indexOf(key));
        boolean was = left.remove(key);
        if (was) {
          assertPinned("PIN-4, let go", a, key, false);
        }
        for (ObjectKey other : left) {
          assertPinned("PIN-4, after " + key + " was let go", a, other, true);
        }
      }
    }
  }

  /**
   * Reads the status while leases come, shrink and go: how many keys are pinned, each counted once,
   * and of each lease the thread that asked, the date and the keys that it still pins.
   *
   * <p>If this fails, look at whether the owner is the thread that submitted, and at whether leases
   * without pins are left out.
   */
  @Test
  @Rule("PIN-5")
  void statusNamesLeases(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, 9));
    int count = keys.size();
    Ops.mustStore(a, keys, 1, SIZE);
    List<ObjectKey> one = keys.subList(0, 1);
    assertLeases("before any lookup", a, 0);
    AtomicReference<@Nullable LookupLease> made = new AtomicReference<>();
    together(a, () -> made.set(Ops.pin(a, one)));
    try (LookupLease ofThread = Objects.requireNonNull(made.get(), "the thread has made it");
        LookupLease all = Ops.pin(a, keys);
        LookupLease misses = Ops.pin(a, a.keys(1000, 1));
        LookupLease without = Ops.lookup(a, keys, Extent.ALL, false)) {
      assertThat(misses.hit(0)).as("LOOKUP-1: %s is a hit", a.key(1000)).isFalse();
      assertThat(without.hit(0)).as("LOOKUP-1: %s is a hit", keys.get(0)).isTrue();
      LeaseInfo first = new LeaseInfo("lmc-test-0", ofThread.since(), 1);
      String here = Thread.currentThread().getName();
      assertLeases("two leases", a, count, first, new LeaseInfo(here, all.since(), count));
      if (count > 1) {
        all.release(count - 1);
        LeaseInfo shrunk = new LeaseInfo(here, all.since(), count - 1);
        assertLeases("one key let go", a, count - 1, first, shrunk);
      }
      letGo(all);
      assertLeases("one lease closed", a, 1, first);
      ofThread.release(0);
      assertLeases("all let go", a, 0);
    }
  }

  private static void assertLeases(String when, AdapterUnderTest a, int keys, LeaseInfo... leases) {
    AdapterStatus status = a.adapter().status();
    assertThat(status.pinnedKeys()).as("PIN-5: pinned keys, %s", when).isEqualTo(keys);
    assertThat(status.leases())
        .as("PIN-5: leases of the status, %s (%d expected)", when, leases.length)
        .containsExactlyInAnyOrder(leases);
  }

  /**
   * Looks keys up without asking for pins, and deletes them while the lease is open; its release
   * does nothing to the pins of another.
   *
   * <p>If this fails, look at whether a lease without pins lets go of what it does not hold.
   */
  @Test
  @Rule("PIN-6")
  void lookupsThatDoNotAskForPinsPlaceNone(AdapterUnderTest a) {
    int series = 0;
    for (Extent extent : Extent.values()) {
      for (List<ObjectKey> keys : Batches.of(a, series++)) {
        Ops.mustStore(a, keys, 1, SIZE);
        ObjectKey pinned = keys.get(0);
        try (LookupLease holding = Ops.pin(a, List.of(pinned));
            LookupLease lease = Ops.lookup(a, keys, extent, false)) {
          assertThat(holding.hit(0)).as("LOOKUP-1: %s is a hit", pinned).isTrue();
          Expect.hits("LOOKUP-1", keys, lease, key -> true);
          assertPinnedKeys("PIN-6, " + extent, a, Set.of(pinned));
          lease.release(0);
          letGo(lease);
          assertPinned("PIN-6, pinned by another lease", a, pinned, true);
          List<ObjectKey> rest = Ops.without(keys, pinned);
          if (!rest.isEmpty() && !a.declines(Feature.DELETE)) {
            Expect.deleted("PIN-6", rest, Ops.delete(a, rest), DeleteOutcome.DELETED);
          }
        }
      }
    }
  }

  /**
   * Deletes keys while a lookup that did not ask for pins is open.
   *
   * <p>If this fails, look at where a lookup places its pins, and at whether it was asked to.
   */
  @Test
  @Rule("PIN-6")
  void aLeaseWithoutPinsDoesNotHold(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, 17));
    Ops.mustStore(a, keys, 1, SIZE);
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, false)) {
      Expect.hits("LOOKUP-1", keys, lease, key -> true);
      assertPinnedKeys("PIN-6", a, Set.of());
      if (a.declines(Feature.DELETE)) {
        Expect.deleteDeclined(a, keys, 1, SIZE);
      } else {
        Expect.deleted("PIN-6", keys, Ops.delete(a, keys), DeleteOutcome.DELETED);
      }
    }
  }

  /** Closes a lease before its time; javac takes a plain call for a mistake. */
  static void letGo(LookupLease lease) {
    lease.close();
  }

  private static void assertPinnedKeys(String when, AdapterUnderTest a, Set<ObjectKey> keys) {
    assertThat(a.adapter().status().pinnedKeys())
        .as("%s: pinned keys of the status; pinned are %s", when, keys)
        .isEqualTo(keys.size());
  }

  /** Tries to delete a key; if that is declined, nothing can be learnt from it. */
  private static void assertPinned(String when, AdapterUnderTest a, ObjectKey key, boolean pinned) {
    if (a.declines(Feature.DELETE)) {
      Expect.deleteDeclined(a, List.of(key), 1, SIZE);
      return;
    }
    assertThat(Ops.delete(a, key))
        .as("%s: delete of %s", when, key)
        .isEqualTo(pinned ? DeleteOutcome.PINNED : DeleteOutcome.DELETED);
  }

  /** Runs pieces of work at the same time, each on a thread of its own, and waits for them. */
  private static void together(AdapterUnderTest a, Runnable... works) {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (Runnable work : works) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run();
                } catch (RuntimeException | Error e) {
                  failure.compareAndSet(null, e);
                }
              },
              "lmc-test-" + threads.size());
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      a.await("the end of " + thread.getName(), () -> !thread.isAlive());
    }
    assertThat(failure.get()).as("what %d threads met", works.length).isNull();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Deadlines: passed at submit, by whose clock, and passed while waiting for a worker. */
abstract class DeadlineRules {

  private static final int SIZE = 1500;
  private static final int WAITING = 120;

  /**
   * Stores, loads, lookups and deletes whose deadline passed a moment or an age ago: every key
   * fails with DEADLINE; nothing is stored, loaded, pinned, deleted or heard of.
   *
   * <p>If this fails, look at whether each kind of request asks for the deadline before it begins,
   * and at how the time that is left is reckoned when it is negative or very large.
   */
  @Test
  @Rule("DEADLINE-1")
  void whatIsTooLateIsNotDone(AdapterUnderTest a) {
    List<ObjectKey> present = a.keys(4);
    List<ObjectKey> absent = a.keys(4, 4);
    Ops.mustStore(a, present, 1, SIZE);
    a.awaitEvents();
    AdapterUsage before = Settled.usage(a);
    for (Instant past : List.of(a.clock().in(Duration.ofMillis(-1)), Instant.EPOCH, Instant.MIN)) {
      Options late = Options.DEFAULT.withDeadline(past);
      assertNotStored(a, Ops.storeOf(a, absent, 2, SIZE, StoreMode.IF_ABSENT), late);
      if (!a.declines(Feature.REPLACE)) {
        assertNotStored(a, Ops.storeOf(a, present, 2, SIZE, StoreMode.REPLACE), late);
      }
      assertNotLoaded(a, present, late);
      assertNotLookedUp(a, present, late);
      if (!a.declines(Feature.DELETE)) {
        assertNotDeleted(a, present, late);
      }
    }
    assertThat(a.adapter().usage())
        .as("DEADLINE-1: usage() after requests that were too late")
        .isEqualTo(before);
    a.awaitEvents();
    for (int i = 0; i < present.size(); i++) {
      assertThat(a.events().summaries(present.get(i)))
          .as("DEADLINE-1: events of %s", present.get(i))
          .containsExactly("STORED " + SIZE);
      assertThat(a.events().summaries(absent.get(i)))
          .as("DEADLINE-1: events of %s, whose stores were too late", absent.get(i))
          .isEmpty();
    }
    present.forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
    assertThat(Ops.hits(a, absent))
        .as("DEADLINE-1: hits of %s, whose stores were too late", absent)
        .containsOnly(false);
  }

  private static void assertNotStored(AdapterUnderTest a, StoreRequest request, Options late) {
    StoreResult result = Ops.store(a, new StoreRequest(request.items(), request.mode(), late));
    for (int i = 0; i < request.items().size(); i++) {
      assertLate("store of " + request.items().get(i).key(), late, result.error(i));
      assertThat(result.outcome(i)).as("outcome of it").isEqualTo(StoreOutcome.FAILED);
    }
  }

  private static void assertNotLoaded(AdapterUnderTest a, List<ObjectKey> keys, Options late) {
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), SIZE);
    LoadResult result =
        a.await(
            "a load that is too late",
            a.adapter().load(new LoadRequest(Ops.loadOf(keys, into).items(), late)));
    for (int i = 0; i < keys.size(); i++) {
      assertLate("load of " + keys.get(i), late, result.error(i));
      assertThat(result.outcome(i)).as("outcome of it").isEqualTo(LoadOutcome.FAILED);
      TestMemory.assertPoisoned(into.get(i), "DEADLINE-1: load of " + keys.get(i) + " too late");
    }
  }

  private static void assertNotLookedUp(AdapterUnderTest a, List<ObjectKey> keys, Options late) {
    try (LookupLease lease =
        a.await(
            "a lookup that is too late",
            a.adapter().lookup(new LookupRequest(keys, Extent.ALL, true, late)))) {
      for (int i = 0; i < keys.size(); i++) {
        assertLate("lookup of " + keys.get(i), late, lease.error(i));
        assertThat(lease.hit(i)).as("whether %s is a hit all the same", keys.get(i)).isFalse();
      }
      assertThat(a.adapter().status().pinnedKeys())
          .as("DEADLINE-1: keys pinned by a lookup that was too late")
          .isZero();
    }
  }

  private static void assertNotDeleted(AdapterUnderTest a, List<ObjectKey> keys, Options late) {
    DeleteResult result =
        a.await("a delete that is too late", a.adapter().delete(new DeleteRequest(keys, late)));
    for (int i = 0; i < keys.size(); i++) {
      assertLate("delete of " + keys.get(i), late, result.error(i));
      assertThat(result.outcome(i)).as("outcome of it").isEqualTo(DeleteOutcome.FAILED);
    }
  }

  private static void assertLate(String what, Options late, @Nullable L2Error error) {
    Ops.assertError("DEADLINE-1: " + what + " by " + late.deadline(), error, L2ErrorCode.DEADLINE);
  }

  /**
   * The contract's clock is many years behind: what has an hour left by it, an age, or for ever is
   * done, although it would be too late by the system's clock.
   *
   * <p>If this fails, look for a clock that is not {@code context.clock()}: {@code Instant.now()},
   * {@code System.currentTimeMillis()}; or for a time that overflows when it is very long.
   */
  @Test
  @Rule("DEADLINE-2")
  void deadlinesAreMeantByTheContextsClock(AdapterUnderTest a) {
    List<Instant> future =
        List.of(
            a.clock().in(Duration.ofHours(1)), a.clock().in(Duration.ofDays(200_000)), Instant.MAX);
    for (int i = 0; i < future.size(); i++) {
      Options options = Options.DEFAULT.withDeadline(future.get(i));
      ObjectKey key = a.key(i);
      StoreRequest store = Ops.storeOf(a, key, i, SIZE);
      StoreResult stored = Ops.store(a, new StoreRequest(store.items(), store.mode(), options));
      assertThat(stored.outcome(0))
          .as("DEADLINE-2: store of %s by %s: %s", key, options.deadline(), stored.error(0))
          .isEqualTo(StoreOutcome.STORED);
      MemoryObject into = a.poisoned(SIZE);
      LoadRequest load = Ops.loadOf(List.of(key), List.of(into));
      LoadResult loaded =
          a.await("a load", a.adapter().load(new LoadRequest(load.items(), options)));
      assertThat(loaded.outcome(0))
          .as("DEADLINE-2: load of %s by %s: %s", key, options.deadline(), loaded.error(0))
          .isEqualTo(LoadOutcome.LOADED);
      TestMemory.assertHolds(into, key, i);
      try (LookupLease lease =
          a.await(
              "a lookup",
              a.adapter().lookup(new LookupRequest(List.of(key), Extent.ALL, false, options)))) {
        assertThat(lease.hit(0))
            .as("DEADLINE-2: lookup of %s by %s: %s", key, options.deadline(), lease.error(0))
            .isTrue();
      }
      if (!a.declines(Feature.DELETE)) {
        DeleteResult deleted =
            a.await("a delete", a.adapter().delete(new DeleteRequest(List.of(key), options)));
        assertThat(deleted.outcome(0))
            .as("DEADLINE-2: delete of %s by %s: %s", key, options.deadline(), deleted.error(0))
            .isEqualTo(DeleteOutcome.DELETED);
      }
    }
  }

  /**
   * With the storage held, one store is begun and hundreds of requests are queued, all with
   * deadlines that pass before the storage goes on. The one that was begun ends well. Of the
   * others, those that fail with DEADLINE had no effect, and those that a worker had begun too had
   * theirs.
   *
   * <p>If this fails, look at whether a worker asks for the deadline when it takes work out of the
   * queue, and only then: not at submit alone, and not again when the storage has answered.
   */
  @Test
  @Rule("DEADLINE-3")
  void whatWaitsTooLongIsNotDone(AdapterUnderTest a) {
    long millis = 20;
    for (int from = 0; !allWaitedTooLong(a, from, millis); from += 10 * WAITING) {
      millis *= 2;
      assertThat(millis)
          .as("DEADLINE-3: milliseconds that were too few to submit %d requests", 3 * WAITING)
          .isLessThan(a.patience().toMillis());
    }
  }

  /**
   * Once, with deadlines so far ahead.
   *
   * @return whether that was far enough for all requests to be submitted before; otherwise those
   *     that were not prove nothing about waiting
   */
  private static boolean allWaitedTooLong(AdapterUnderTest a, int from, long millis) {
    Stall stall = a.stall();
    List<ObjectKey> stores = a.keys(from, WAITING);
    List<ObjectKey> loads = a.keys(from + WAITING, WAITING);
    List<ObjectKey> deletes =
        a.declines(Feature.DELETE) ? List.of() : a.keys(from + 2 * WAITING, WAITING);
    Bulk.mustStore(a, loads, 1, SIZE);
    Bulk.mustStore(a, deletes, 1, SIZE);
    List<StoreRequest> made = stores.stream().map(key -> Ops.storeOf(a, key, 1, SIZE)).toList();
    List<MemoryObject> into = Ops.poisoned(a, WAITING, SIZE);
    stall.hold();
    CompletionStage<StoreResult> begun = begin(a, stall, from + 3 * WAITING);
    Options soon = Options.DEFAULT.withDeadline(a.clock().in(Duration.ofMillis(millis)));
    List<CompletionStage<StoreResult>> stored = new ArrayList<>();
    List<CompletionStage<LoadResult>> loaded = new ArrayList<>();
    List<CompletionStage<LookupLease>> lookedUp = new ArrayList<>();
    List<CompletionStage<DeleteResult>> deleted = new ArrayList<>();
    for (int i = 0; i < WAITING; i++) {
      StoreRequest store = made.get(i);
      stored.add(a.adapter().store(new StoreRequest(store.items(), store.mode(), soon)));
      LoadRequest load = Ops.loadOf(List.of(loads.get(i)), List.of(into.get(i)));
      loaded.add(a.adapter().load(new LoadRequest(load.items(), soon)));
      List<ObjectKey> sought = List.of(loads.get(i));
      lookedUp.add(a.adapter().lookup(new LookupRequest(sought, Extent.ALL, true, soon)));
      if (!deletes.isEmpty()) {
        deleted.add(a.adapter().delete(new DeleteRequest(List.of(deletes.get(i)), soon)));
      }
    }
    boolean inTime = a.clock().instant().isBefore(soon.deadline());
    a.await("the deadline", () -> a.clock().instant().isAfter(soon.deadline()));
    stall.release();
    assertThat(a.await("the store that was begun", begun).outcome(0))
        .as("DEADLINE-3: store of %s that a worker had begun before its deadline", a.model())
        .isEqualTo(StoreOutcome.STORED);
    assertStores(a, stores, stored);
    assertLoads(a, loads, loaded, into);
    assertLookups(a, loads, lookedUp);
    assertDeletes(a, deletes, deleted);
    return inTime;
  }

  /**
   * Gets one store begun before its deadline, and lets that pass. The time is doubled until it is
   * enough for this machine.
   */
  private static CompletionStage<StoreResult> begin(AdapterUnderTest a, Stall stall, int first) {
    for (int attempt = 0; ; attempt++) {
      Instant deadline = a.clock().in(Duration.ofMillis(20L << attempt));
      StoreRequest store = Ops.storeOf(a, a.key(first + attempt), 1, SIZE);
      CompletionStage<StoreResult> stage =
          a.adapter()
              .store(
                  new StoreRequest(
                      store.items(), store.mode(), Options.DEFAULT.withDeadline(deadline)));
      a.await(
          "a worker that begins a store",
          () -> stall.held() > 0 || stage.toCompletableFuture().isDone());
      if (stall.held() > 0) {
        a.await("the deadline", () -> a.clock().instant().isAfter(deadline));
        return stage;
      }
      L2Error error = a.await("the store", stage).error(0);
      Ops.assertError("DEADLINE-3: a store with the storage held", error, L2ErrorCode.DEADLINE);
      assertThat(20L << attempt)
          .as("DEADLINE-3: milliseconds that were too few for a worker to begin a store")
          .isLessThan(a.patience().toMillis());
    }
  }

  private static void assertStores(
      AdapterUnderTest a, List<ObjectKey> keys, List<CompletionStage<StoreResult>> stages) {
    for (CompletionStage<StoreResult> stage : stages) {
      a.await("a store that waited", stage);
    }
    List<Boolean> there = Bulk.hits(a, keys);
    int late = 0;
    for (int i = 0; i < keys.size(); i++) {
      StoreResult result = a.await("a store of " + keys.get(i), stages.get(i));
      boolean done = result.outcome(0) == StoreOutcome.STORED;
      if (!done) {
        assertWaited("store of " + keys.get(i), result.error(0));
        late++;
      }
      assertThat(there.get(i))
          .as("DEADLINE-3: whether %s is there, whose store was %s", keys.get(i), result)
          .isEqualTo(done);
    }
    assertSomeLate("stores", late);
  }

  private static void assertLoads(
      AdapterUnderTest a,
      List<ObjectKey> keys,
      List<CompletionStage<LoadResult>> stages,
      List<MemoryObject> into) {
    int late = 0;
    for (int i = 0; i < keys.size(); i++) {
      LoadResult result = a.await("a load of " + keys.get(i), stages.get(i));
      if (result.outcome(0) == LoadOutcome.LOADED) {
        TestMemory.assertHolds(into.get(i), keys.get(i), 1);
      } else {
        assertWaited("load of " + keys.get(i), result.error(0));
        TestMemory.assertPoisoned(into.get(i), "DEADLINE-3: load of " + keys.get(i) + " too late");
        late++;
      }
    }
    assertSomeLate("loads", late);
  }

  private static void assertDeletes(
      AdapterUnderTest a, List<ObjectKey> keys, List<CompletionStage<DeleteResult>> stages) {
    for (CompletionStage<DeleteResult> stage : stages) {
      a.await("a delete that waited", stage);
    }
    List<Boolean> there = Bulk.hits(a, keys);
    int late = 0;
    for (int i = 0; i < keys.size(); i++) {
      DeleteResult result = a.await("a delete of " + keys.get(i), stages.get(i));
      boolean done = result.outcome(0) == DeleteOutcome.DELETED;
      if (!done) {
        assertWaited("delete of " + keys.get(i), result.error(0));
      }
      assertThat(there.get(i))
          .as("DEADLINE-3: whether %s is there, whose delete was %s", keys.get(i), result)
          .isEqualTo(!done);
      late += done ? 0 : 1;
    }
    if (!keys.isEmpty()) {
      assertSomeLate("deletes", late);
    }
  }

  /** Lookups need not wait for the storage; those that did are no hits and place no pin. */
  private static void assertLookups(
      AdapterUnderTest a, List<ObjectKey> keys, List<CompletionStage<LookupLease>> stages) {
    int hits = 0;
    List<LookupLease> leases = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      LookupLease lease = a.await("a lookup of " + keys.get(i), stages.get(i));
      leases.add(lease);
      if (lease.hit(0)) {
        hits++;
      } else {
        assertWaited("lookup of " + keys.get(i), lease.error(0));
      }
    }
    assertThat(a.adapter().status().pinnedKeys())
        .as("DEADLINE-3: pinned keys of %d lookups that waited", keys.size())
        .isEqualTo(hits);
    leases.forEach(LookupLease::close);
  }

  private static void assertWaited(String what, @Nullable L2Error error) {
    Ops.assertError("DEADLINE-3: " + what + " that waited", error, L2ErrorCode.DEADLINE);
  }

  /** No adapter has begun all of them while the storage answered to none. */
  private static void assertSomeLate(String what, int late) {
    assertThat(late)
        .as("DEADLINE-3: how many of %d %s that waited were too late", WAITING, what)
        .isPositive();
  }
}

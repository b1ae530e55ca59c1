// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What becomes of requests when the storage fails. */
abstract class FailureRules {

  private static final int KEYS = 40;
  private static final int SIZE = 900;

  /** More than an adapter has workers. */
  private static final int MANY = 200;

  /**
   * Stores of mixed sizes, half of them over objects of another size, of which the storage fails
   * half: those FAILED and left everything as it was, the others are there; usage and events count
   * these only.
   *
   * <p>If this fails, look at what is counted, told or forgotten before the storage has answered,
   * at what a write that failed leaves behind, and at errors that are swallowed.
   */
  @Test
  @Rule("FAIL-1")
  void aFailedStoreFailsAlone(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    int from = 0;
    for (StoreMode mode : StoreMode.values()) {
      if (mode == StoreMode.IF_ABSENT || !a.declines(Feature.REPLACE)) {
        failStores(a, ledger, from, mode);
        from += KEYS;
      }
    }
    assertThat(from).as("keys whose stores were to fail or not").isPositive();
  }

  private static void failStores(AdapterUnderTest a, Ledger ledger, int from, StoreMode mode) {
    List<ObjectKey> keys = a.keys(from, Batches.count(a, KEYS));
    Map<ObjectKey, Integer> wanted = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      wanted.put(keys.get(i), SIZE + 37 * i);
      if (i % 2 == 1) {
        ledger.store(keys.get(i), SIZE / 2 + i, StoreMode.IF_ABSENT);
      }
    }
    int planned = arm(a, Stall.Call.STORE, keys.size());
    StoreResult result = Ops.store(a, ledger.request(wanted, mode, Options.DEFAULT));
    assertThat(result.count(StoreOutcome.FAILED))
        .as("FAIL-1: of %d %s stores, those that the storage failed: %s", keys.size(), mode, result)
        .isEqualTo(planned);
    for (int i = 0; i < keys.size(); i++) {
      ObjectKey key = keys.get(i);
      boolean done = result.outcome(i) == StoreOutcome.STORED;
      ledger.store(key, wanted.getOrDefault(key, 0), mode, done);
      if (!done) {
        Failures.assertSaid("store of " + key, result.outcome(i), result.error(i));
      }
    }
    ledger.assertUsage("FAIL-1, after " + planned + " stores failed");
    assertThat(a.adapter().usage().inFlightBytes())
        .as("FAIL-1: bytes in flight after %d stores failed", planned)
        .isZero();
    ledger.assertHeard("FAIL-1");
    keys.forEach(key -> assertIs(a, ledger, key));
  }

  /** The object is there as the ledger says, and loads; or nothing of it is. */
  private static void assertIs(AdapterUnderTest a, Ledger ledger, ObjectKey key) {
    int size = ledger.sizeOf(key);
    if (size < 0) {
      Expect.absent("FAIL-1", a, List.of(key));
    } else {
      Sizes.assertLookup(a, "FAIL-1", key, size);
      ledger.load(Map.of(key, size));
    }
  }

  /**
   * Loads of which the storage fails half: those FAILED, the others have their bytes; only these
   * are heard of, and all of them load afterwards.
   *
   * <p>If this fails, look at whether an error of the storage is told as NOT_FOUND or LOADED, or
   * makes an index forget the object.
   */
  @Test
  @Rule("FAIL-1")
  void aFailedLoadFailsAlone(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, KEYS));
    Ops.mustStore(a, keys, 1, SIZE);
    a.awaitEvents();
    AdapterUsage before = Settled.usage(a);
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), SIZE);
    int planned = arm(a, Stall.Call.LOAD, keys.size());
    LoadResult result = Ops.load(a, keys, into);
    assertThat(result.count(LoadOutcome.FAILED))
        .as("FAIL-1: of %d loads, those that the storage failed: %s", keys.size(), result)
        .isEqualTo(planned);
    assertThat(a.adapter().usage()).as("FAIL-1: usage() after failed loads").isEqualTo(before);
    a.awaitEvents();
    for (int i = 0; i < keys.size(); i++) {
      ObjectKey key = keys.get(i);
      List<String> heard = new ArrayList<>(List.of("STORED " + SIZE));
      if (result.outcome(i) == LoadOutcome.LOADED) {
        TestMemory.assertHolds(into.get(i), key, 1);
        heard.add("ACCESSED");
      } else {
        Failures.assertSaid("load of " + key, result.outcome(i), result.error(i));
      }
      assertThat(a.events().summaries(key)).as("FAIL-1: events of %s", key).isEqualTo(heard);
    }
    Expect.there("FAIL-1", a, keys, 1, SIZE);
  }

  /**
   * Deletes of which the storage fails half: those FAILED and their objects are there, the others
   * are gone; usage and events count these only.
   *
   * <p>If this fails, look at what is forgotten before the storage has answered.
   */
  @Test
  @Rule("FAIL-1")
  void aFailedDeleteFailsAlone(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, KEYS));
    if (a.declines(Feature.DELETE)) {
      Ops.mustStore(a, keys, 1, SIZE);
      Expect.deleteDeclined(a, keys, 1, SIZE);
      return;
    }
    Ledger ledger = new Ledger(a);
    for (int i = 0; i < keys.size(); i++) {
      ledger.store(keys.get(i), SIZE + i, StoreMode.IF_ABSENT);
    }
    int planned = arm(a, Stall.Call.DELETE, keys.size());
    DeleteResult result = Ops.delete(a, keys);
    assertThat(result.count(DeleteOutcome.FAILED))
        .as("FAIL-1: of %d deletes, those that the storage failed: %s", keys.size(), result)
        .isEqualTo(planned);
    for (int i = 0; i < keys.size(); i++) {
      if (result.outcome(i) == DeleteOutcome.DELETED) {
        ledger.delete(keys.get(i));
      } else {
        Failures.assertSaid("delete of " + keys.get(i), result.outcome(i), result.error(i));
      }
    }
    ledger.assertUsage("FAIL-1, after " + planned + " deletes failed");
    ledger.assertHeard("FAIL-1");
    keys.forEach(key -> assertIs(a, ledger, key));
  }

  /**
   * Lookups with pins of which the storage fails half: those are no hits and say why, the others
   * are hits and pinned, and nothing is forgotten. With PREFIX nothing behind the first that failed
   * is a hit or pinned.
   *
   * <p>If this fails, look at whether an error of the storage is told as "not there", and at
   * whether it ends a prefix.
   */
  @Test
  @Rule({"FAIL-1", "LOOKUP-2"})
  void aFailedLookupFailsAloneAndEndsAPrefix(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(Batches.count(a, KEYS));
    Ops.mustStore(a, keys, 1, SIZE);
    AdapterUsage before = Settled.usage(a);
    for (Extent extent : Extent.values()) {
      int planned = Failures.armLookups(a, keys.size());
      try (LookupLease lease = Ops.lookup(a, keys, extent, true)) {
        Failures.assertLease(a, keys, extent, lease, planned);
      }
      a.stall().release();
      assertThat(a.adapter().usage()).as("FAIL-1: usage() after failed lookups").isEqualTo(before);
      Expect.there("FAIL-1", a, keys, 1, SIZE);
    }
  }

  /**
   * The storage fails hundreds of stores, loads, lookups and deletes in a row, more than any
   * adapter has workers. Then everything works, and nothing is lent, in flight or pinned.
   *
   * <p>If this fails, look at what a failure takes with it: a worker, a place in a pool, a lock of
   * the key, a connection that is not opened again.
   */
  @Test
  @Rule("FAIL-2")
  void afterFailuresItGoesOn(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(MANY);
    List<ObjectKey> present = a.keys(MANY, MANY);
    Bulk.mustStore(a, present, 1, SIZE);
    AdapterUsage before = Settled.usage(a);
    Failures.mustArm(a, Stall.Call.STORE, MANY);
    Failures.assertAllFail(
        a,
        keys,
        key -> a.adapter().store(Ops.storeOf(a, key, 1, SIZE)),
        result -> result.count(StoreOutcome.FAILED));
    Failures.mustArm(a, Stall.Call.LOAD, MANY);
    Failures.assertAllFail(
        a,
        present,
        key -> a.adapter().load(Ops.loadOf(List.of(key), Ops.poisoned(a, 1, SIZE))),
        result -> result.count(LoadOutcome.FAILED));
    if (!a.declines(Feature.DELETE)) {
      Failures.mustArm(a, Stall.Call.DELETE, MANY);
      Failures.assertAllFail(
          a,
          present,
          key -> a.adapter().delete(DeleteRequest.of(List.of(key))),
          result -> result.count(DeleteOutcome.FAILED));
    }
    a.stall().failNext(Stall.Call.LOOKUP, MANY);
    List<CompletionStage<LookupLease>> lookups = new ArrayList<>();
    present.forEach(key -> lookups.add(a.adapter().lookup(LookupRequest.of(List.of(key)))));
    lookups.forEach(lookup -> a.await("FAIL-2: a lookup that may fail", lookup).close());
    a.stall().release();
    assertThat(a.adapter().usage())
        .as("FAIL-2: usage() after %d failures", 3 * MANY)
        .isEqualTo(before);
    a.await("FAIL-2: loans() is not 0 after failures", () -> a.adapter().loans() == 0);
    Bulk.mustStore(a, keys, 1, SIZE);
    for (List<ObjectKey> portion : Bulk.portions(a, keys)) {
      Expect.there("FAIL-2", a, portion, 1, SIZE);
    }
    present.forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
    if (!a.declines(Feature.DELETE)) {
      for (List<ObjectKey> portion : Bulk.portions(a, present)) {
        Expect.deleted("FAIL-2", portion, Ops.delete(a, portion), DeleteOutcome.DELETED);
      }
    }
  }

  /** Half of them, and the number of them. */
  private static int arm(AdapterUnderTest a, Stall.Call call, int keys) {
    int planned = (keys + 1) / 2;
    Failures.mustArm(a, call, planned);
    return planned;
  }
}

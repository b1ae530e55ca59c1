// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one key each that are under way when an adapter is closed, and what became of them:
 * each ends well or with CLOSED.
 */
final class UnderWay {

  private static final int SIZE = 1100;

  private final AdapterUnderTest a;
  private final List<ObjectKey> storedKeys;
  private final List<ObjectKey> presentKeys;
  private final List<ObjectKey> deletedKeys;
  private final List<CompletionStage<StoreResult>> stores = new ArrayList<>();
  private final List<CompletionStage<LoadResult>> loads = new ArrayList<>();
  private final List<CompletionStage<LookupLease>> lookups = new ArrayList<>();
  private final List<CompletionStage<DeleteResult>> deletes = new ArrayList<>();
  private final List<MemoryObject> into = new ArrayList<>();
  private final boolean withLookups;
  private int failed;

  /**
   * So many keys from a number on for each kind of request; stores what is loaded and deleted.
   *
   * @param withLookups whether to look up too, which some adapters do without their storage
   */
  UnderWay(AdapterUnderTest a, int from, int count, boolean withLookups) {
    this.a = a;
    this.withLookups = withLookups;
    this.storedKeys = a.keys(from, count);
    this.presentKeys = a.keys(from + count, count);
    this.deletedKeys = a.declines(Feature.DELETE) ? List.of() : a.keys(from + 2 * count, count);
    Bulk.mustStore(a, presentKeys, 1, SIZE);
    Bulk.mustStore(a, deletedKeys, 1, SIZE);
  }

  /** Submits requests of every kind, in turn. */
  UnderWay submit() {
    for (int i = 0; i < storedKeys.size(); i++) {
      MemoryObject object = a.poisoned(SIZE);
      into.add(object);
      stores.add(a.adapter().store(Ops.storeOf(a, storedKeys.get(i), 1, SIZE)));
      List<ObjectKey> present = List.of(presentKeys.get(i));
      loads.add(a.adapter().load(Ops.loadOf(present, List.of(object))));
      if (withLookups) {
        lookups.add(a.adapter().lookup(LookupRequest.of(present)));
      }
      if (!deletedKeys.isEmpty()) {
        deletes.add(a.adapter().delete(DeleteRequest.of(List.of(deletedKeys.get(i)))));
      }
    }
    return this;
  }

  /** How many keys were submitted. */
  int keys() {
    return (int) all().count();
  }

  /** How many have not ended. */
  int open() {
    return (int) all().filter(stage -> !stage.toCompletableFuture().isDone()).count();
  }

  /** How many buffers of those that have not ended are lent. */
  int lent() {
    return (int)
        Stream.concat(stores.stream(), loads.stream())
            .filter(stage -> !stage.toCompletableFuture().isDone())
            .count();
  }

  private Stream<CompletionStage<?>> all() {
    return Stream.of(stores, loads, lookups, deletes).flatMap(List::stream);
  }

  /** Waits for all of them; each must have ended well or with CLOSED. Says how many with that. */
  int assertEnded(String rule) {
    failed = 0;
    for (int i = 0; i < storedKeys.size(); i++) {
      StoreResult store = a.await(rule + ": store of " + storedKeys.get(i), stores.get(i));
      ended(rule, store.outcome(0) == StoreOutcome.STORED, store.error(0), store);
      LoadResult load = a.await(rule + ": load of " + presentKeys.get(i), loads.get(i));
      if (ended(rule, load.outcome(0) == LoadOutcome.LOADED, load.error(0), load)) {
        TestMemory.assertHolds(into.get(i), presentKeys.get(i), 1);
      }
      if (!deletes.isEmpty()) {
        DeleteResult delete = a.await(rule + ": delete of " + deletedKeys.get(i), deletes.get(i));
        ended(rule, delete.outcome(0) == DeleteOutcome.DELETED, delete.error(0), delete);
      }
    }
    for (int i = 0; i < lookups.size(); i++) {
      try (LookupLease lease =
          a.await(rule + ": lookup of " + presentKeys.get(i), lookups.get(i))) {
        ended(rule, lease.hit(0), lease.error(0), "lookup of " + presentKeys.get(i));
      }
    }
    return failed;
  }

  private boolean ended(String rule, boolean well, @Nullable L2Error error, Object what) {
    if (!well) {
      Ops.assertError(rule + ": " + what, error, L2ErrorCode.CLOSED);
      failed++;
    }
    return well;
  }

  /** Checks a report that left nothing in the kernel when all have ended. */
  void assertReport(String rule, CloseReport report) {
    assertThat(report.failed())
        .as("%s: keys that the report says failed, of %d under way: %s", rule, keys(), report)
        .isEqualTo(failed);
    // What ended between the last submit and the close is in no report.
    assertThat(report.drained() + report.failed() + report.inKernel())
        .as("%s: keys of the report %s, of at most %d under way", rule, report, keys())
        .isLessThanOrEqualTo(keys());
    assertThat(Math.min(report.drained(), report.inKernel()))
        .as("%s: the lesser of drained and inKernel in %s", rule, report)
        .isNotNegative();
  }

  /** After reopening: what was acknowledged is there or gone, and what was CLOSED was not done. */
  void assertKept(String rule) {
    List<Boolean> storedThere = Bulk.hits(a, storedKeys);
    List<Boolean> deletedThere = Bulk.hits(a, deletedKeys);
    for (int i = 0; i < storedKeys.size(); i++) {
      StoreResult store = a.await("a store", stores.get(i));
      assertThat(storedThere.get(i))
          .as("%s: whether %s is there after reopening, %s", rule, storedKeys.get(i), store)
          .isEqualTo(store.outcome(0) == StoreOutcome.STORED);
      if (storedThere.get(i)) {
        Ops.mustLoad(a, storedKeys.get(i), 1, SIZE);
      }
    }
    for (int i = 0; i < deletes.size(); i++) {
      DeleteResult delete = a.await("a delete", deletes.get(i));
      assertThat(deletedThere.get(i))
          .as("%s: whether %s is there after reopening, %s", rule, deletedKeys.get(i), delete)
          .isEqualTo(delete.outcome(0) != DeleteOutcome.DELETED);
    }
  }
}

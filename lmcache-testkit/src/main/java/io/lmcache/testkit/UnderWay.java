// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
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
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one key, and of three unless the storage is held, that are under way when an adapter
 * is closed, and what became of them: each key ends well or with CLOSED.
 */
final class UnderWay {

  private static final int SIZE = 1100;

  /** A request, by its keys. */
  private record Sent<R>(List<ObjectKey> keys, List<MemoryObject> into, CompletionStage<R> stage) {
    boolean isOpen() {
      return !stage.toCompletableFuture().isDone();
    }
  }

  private final AdapterUnderTest a;
  private final List<ObjectKey> storedKeys;
  private final List<ObjectKey> presentKeys;
  private final List<ObjectKey> deletedKeys;
  private final List<Sent<StoreResult>> stores = new ArrayList<>();
  private final List<Sent<LoadResult>> loads = new ArrayList<>();
  private final List<Sent<LookupLease>> lookups = new ArrayList<>();
  private final List<Sent<DeleteResult>> deletes = new ArrayList<>();
  private final boolean withLookups;
  private int failed;

  /**
   * So many keys from a number on for each kind of request; stores what is loaded and deleted.
   *
   * @param withLookups whether to look up too, which some adapters do without their storage, and to
   *     make requests of several keys, of which held storage may end some
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
    int several = withLookups ? Batches.count(a, 3) : 1;
    int count;
    for (int from = 0; from < storedKeys.size(); from += count) {
      count = Math.min(from % 4 == 0 ? 1 : several, storedKeys.size() - from);
      submit(from, from + count);
    }
    return this;
  }

  private void submit(int from, int to) {
    List<ObjectKey> stored = storedKeys.subList(from, to);
    StoreRequest store = Ops.storeOf(a, stored, 1, SIZE, StoreMode.IF_ABSENT);
    stores.add(new Sent<>(stored, List.of(), a.adapter().store(store)));
    List<ObjectKey> present = presentKeys.subList(from, to);
    List<MemoryObject> into = Ops.poisoned(a, present.size(), SIZE);
    loads.add(new Sent<>(present, into, a.adapter().load(Ops.loadOf(present, into))));
    if (withLookups) {
      LookupRequest lookup = LookupRequest.of(present);
      lookups.add(new Sent<>(present, List.of(), a.adapter().lookup(lookup)));
    }
    if (!deletedKeys.isEmpty()) {
      List<ObjectKey> deleted = deletedKeys.subList(from, to);
      DeleteRequest delete = DeleteRequest.of(deleted);
      deletes.add(new Sent<>(deleted, List.of(), a.adapter().delete(delete)));
    }
  }

  /** How many keys were submitted. */
  int keys() {
    return all().mapToInt(sent -> sent.keys().size()).sum();
  }

  /** How many keys are in requests that have not ended. */
  int open() {
    return all().filter(Sent::isOpen).mapToInt(sent -> sent.keys().size()).sum();
  }

  /** How many buffers of requests that have not ended are lent. */
  int lent() {
    return Stream.<Sent<?>>concat(stores.stream(), loads.stream())
        .filter(Sent::isOpen)
        .mapToInt(sent -> sent.keys().size())
        .sum();
  }

  private Stream<Sent<?>> all() {
    return Stream.of(stores, loads, lookups, deletes).flatMap(List::stream);
  }

  /** Waits for all of them; each must have ended well or with CLOSED. Says how many with that. */
  int assertEnded(String rule) {
    failed = 0;
    for (Sent<StoreResult> sent : stores) {
      StoreResult store = a.await(rule + ": store of " + sent.keys(), sent.stage());
      for (int i = 0; i < sent.keys().size(); i++) {
        ended(rule, store.outcome(i) == StoreOutcome.STORED, store.error(i), store);
      }
    }
    for (Sent<LoadResult> sent : loads) {
      LoadResult load = a.await(rule + ": load of " + sent.keys(), sent.stage());
      for (int i = 0; i < sent.keys().size(); i++) {
        if (ended(rule, load.outcome(i) == LoadOutcome.LOADED, load.error(i), load)) {
          TestMemory.assertHolds(sent.into().get(i), sent.keys().get(i), 1);
        }
      }
    }
    for (Sent<DeleteResult> sent : deletes) {
      DeleteResult delete = a.await(rule + ": delete of " + sent.keys(), sent.stage());
      for (int i = 0; i < sent.keys().size(); i++) {
        ended(rule, delete.outcome(i) == DeleteOutcome.DELETED, delete.error(i), delete);
      }
    }
    for (Sent<LookupLease> sent : lookups) {
      try (LookupLease lease = a.await(rule + ": lookup of " + sent.keys(), sent.stage())) {
        for (int i = 0; i < sent.keys().size(); i++) {
          ended(rule, lease.hit(i), lease.error(i), "lookup of " + sent.keys().get(i));
        }
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
    for (Sent<StoreResult> sent : stores) {
      StoreResult store = a.await("a store", sent.stage());
      List<Boolean> there = Ops.hits(a, sent.keys());
      for (int i = 0; i < there.size(); i++) {
        ObjectKey key = sent.keys().get(i);
        assertThat(there.get(i))
            .as("%s: whether %s is there after reopening, %s", rule, key, store)
            .isEqualTo(store.outcome(i) == StoreOutcome.STORED);
        if (there.get(i)) {
          Ops.mustLoad(a, key, 1, SIZE);
        }
      }
    }
    for (Sent<DeleteResult> sent : deletes) {
      DeleteResult delete = a.await("a delete", sent.stage());
      List<Boolean> there = Ops.hits(a, sent.keys());
      for (int i = 0; i < there.size(); i++) {
        assertThat(there.get(i))
            .as("%s: whether %s is there after reopening, %s", rule, sent.keys().get(i), delete)
            .isEqualTo(delete.outcome(i) != DeleteOutcome.DELETED);
      }
    }
  }

  /**
   * Once all have ended: usage and events are right, also of what ended after the close.
   *
   * @param others by how many bytes other requests made the storage grow
   */
  void assertCounted(String rule, AdapterUsage before, long others) {
    Map<ObjectKey, List<String>> expected = new LinkedHashMap<>();
    int more = 0;
    for (Sent<StoreResult> sent : stores) {
      StoreResult store = a.await("a store", sent.stage());
      for (int i = 0; i < sent.keys().size(); i++) {
        boolean done = store.outcome(i) == StoreOutcome.STORED;
        expected.put(sent.keys().get(i), done ? List.of("STORED " + SIZE) : List.of());
        more += done ? 1 : 0;
      }
    }
    for (Sent<DeleteResult> sent : deletes) {
      DeleteResult delete = a.await("a delete", sent.stage());
      for (int i = 0; i < sent.keys().size(); i++) {
        boolean done = delete.outcome(i) == DeleteOutcome.DELETED;
        List<String> heard = List.of("STORED " + SIZE, "REMOVED(DELETED) " + SIZE);
        expected.put(sent.keys().get(i), done ? heard : heard.subList(0, 1));
        more -= done ? 1 : 0;
      }
    }
    assertThat(a.adapter().usage().storedBytes() - before.storedBytes())
        .as("%s: stored bytes more than before, of %d objects more", rule, more)
        .isEqualTo((long) SIZE * more + others);
    expected.forEach(
        (key, heard) -> {
          Waiting.until(() -> a.events().summaries(key).size() >= heard.size(), a.patience());
          assertThat(a.events().summaries(key))
              .as("%s: what was heard of %s, also after the close", rule, key)
              .isEqualTo(heard);
        });
  }
}

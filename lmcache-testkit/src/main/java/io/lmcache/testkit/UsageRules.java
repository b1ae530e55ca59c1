// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Feature;
import io.lmcache.spi.Health;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** How full an adapter says it is, and how it says it does. */
abstract class UsageRules {

  // ---- stored bytes and objects

  /**
   * One after the other, in requests that mix them: keys of different sizes that are new, present,
   * of another size, replaced, too late, loaded, deleted, absent. After each the usage is what was
   * done.
   *
   * <p>If this fails, look at the step that the message names: sizes that are taken from the first
   * key of a request, replacements that are added without what they replace, keys that are counted
   * though nothing was done with them.
   */
  @Test
  @Rule("USAGE-1")
  void usageChangesByWhatWasDone(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(objects(a, 0, 8, 100), StoreMode.IF_ABSENT);
    ledger.assertUsage("8 objects of different sizes stored");
    ledger.store(objects(a, 0, 8, 100), StoreMode.IF_ABSENT);
    ledger.assertUsage("the same stored again");
    ledger.store(objects(a, 4, 8, 100), StoreMode.IF_ABSENT);
    ledger.assertUsage("4 of them stored again, and 4 new ones");
    Map<ObjectKey, Integer> mixed = new LinkedHashMap<>(objects(a, 0, 3, 900));
    mixed.putAll(objects(a, 6, 2, 100));
    mixed.putAll(objects(a, 12, 2, 300));
    ledger.store(mixed, StoreMode.IF_ABSENT);
    ledger.assertUsage("3 stored with another size, 2 with the same, 2 new ones");
    ledger.store(objects(a, 0, 3, 900), StoreMode.REPLACE);
    ledger.assertUsage("3 replaced by objects of the same size");
    ledger.store(objects(a, 2, 14, 50), StoreMode.REPLACE);
    ledger.assertUsage("12 replaced by smaller ones, and 2 new ones, with REPLACE");
    ledger.tooLate(objects(a, 10, 20, 777));
    ledger.assertUsage("stores and deletes too late");
    ledger.load(objects(a, 12, 8, 50));
    ledger.assertUsage("loads");
    Ops.pin(a, a.keys(20)).close();
    ledger.assertUsage("lookups of keys there and absent");
    ledger.delete(a.keys(1, 3));
    ledger.delete(a.keys(30));
    ledger.assertUsage("deletes of keys there and absent");
    ledger.delete(a.keys(30));
    ledger.assertUsage("the same deleted again");
    ledger.store(objects(a, 0, 2, 0), StoreMode.IF_ABSENT);
    ledger.assertUsage("2 objects of no bytes stored");
    assertThat(ledger.objects()).as("objects there in the end").isGreaterThanOrEqualTo(2);
  }

  /**
   * A delete of a key that is pinned, among others that are not: it stays counted.
   *
   * <p>If this fails, look at keys of a delete that are left alone.
   */
  @Test
  @Rule("USAGE-1")
  void pinnedObjectsStayCounted(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(objects(a, 0, 4, 100), StoreMode.IF_ABSENT);
    try (LookupLease lease = Ops.pin(a, a.keys(0, 1))) {
      assertThat(lease.hit(0)).as("lookup of %s", a.key(0)).isTrue();
      Ops.delete(a, a.keys(4));
      a.keys(1, 3).forEach(ledger::delete);
      ledger.assertUsage("a delete of a pinned key and of three others");
    }
    assertThat(Ops.isThere(a, a.key(0)))
        .as("USAGE-1: lookup of %s, which was pinned", a.key(0))
        .isTrue();
  }

  /**
   * Objects under salts of their own are stored, replaced and deleted; each salt's bytes are its
   * own, and a salt without any is not named.
   *
   * <p>If this fails, look at where salts are counted: at the same places as the sums, by the key's
   * salt, with a salt that has come to 0 left out.
   */
  @Test
  @Rule("USAGE-2")
  void saltsHaveBytesOfTheirOwn(AdapterUnderTest a) {
    List<String> salts = List.of("", "tenant-" + a.model(), "Tenant-" + a.model());
    Ledger ledger = new Ledger(a);
    Map<ObjectKey, Integer> first = new LinkedHashMap<>();
    Map<ObjectKey, Integer> second = new LinkedHashMap<>();
    List<ObjectKey> keys = new ArrayList<>();
    for (int s = 0; s < salts.size(); s++) {
      for (int i = 0; i < 2; i++) {
        ObjectKey key = a.key(i, salts.get(s));
        keys.add(key);
        first.put(key, 1000 * (s + 1) + i);
        second.put(key, 100 * (s + 1) + i);
      }
    }
    ledger.store(first, StoreMode.IF_ABSENT);
    ledger.assertSalts("2 objects stored under each of 3 salts");
    assertThat(a.adapter().usage().bytesBySalt())
        .as("USAGE-2: bytes of a salt that only this test uses")
        .containsEntry(salts.get(1), 4001L)
        .containsEntry(salts.get(2), 6001L);
    ledger.store(first, StoreMode.IF_ABSENT);
    ledger.tooLate(Sizes.each(List.of(a.key(7, salts.get(1))), 70));
    ledger.assertSalts("the same stored again, another too late");
    ledger.store(second, StoreMode.IF_ABSENT);
    ledger.assertSalts("all replaced by objects of another size");
    ledger.delete(List.of(keys.get(2), keys.get(0), keys.get(4)));
    ledger.assertSalts("one of each salt deleted");
    ledger.delete(keys);
    ledger.assertSalts("all deleted");
    assertThat(a.adapter().usage().bytesBySalt().containsKey(salts.get(1)))
        .as("USAGE-2: whether a salt is named whose objects were deleted")
        .isEqualTo(a.declines(Feature.DELETE));
  }

  // ---- bytes in flight

  /**
   * After stores that end in every way no bytes are in flight, as soon as the stage is complete.
   *
   * <p>If this fails, look at the ways in which a key of a store can end: each takes back what was
   * reserved, before the stage is complete.
   */
  @Test
  @Rule("USAGE-3")
  void nothingIsInFlightWhenStoresAreComplete(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    for (Map<ObjectKey, Integer> objects :
        List.of(objects(a, 0, 4, 100), objects(a, 0, 8, 100), objects(a, 4, 8, 300))) {
      ledger.store(objects, StoreMode.IF_ABSENT);
      assertNothingInFlight(a, "a store of " + objects);
      ledger.store(objects, StoreMode.REPLACE);
      assertNothingInFlight(a, "a REPLACE store of " + objects);
    }
    ledger.tooLate(objects(a, 0, 30, 500));
    assertNothingInFlight(a, "a store too late");
    assertThat(ledger.objects()).as("objects stored").isEqualTo(12);
  }

  private static void assertNothingInFlight(AdapterUnderTest a, String what) {
    assertThat(a.adapter().usage().inFlightBytes())
        .as("USAGE-3: bytes in flight after %s", what)
        .isZero();
  }

  /**
   * Holds the storage under stores of different sizes, some padded, and other requests: in flight
   * are the sizes of the objects whose stores are not complete, and nothing is stored yet.
   *
   * <p>If this fails, look at whether bytes are reserved where a store is submitted, with the
   * object's size and not its padded length, and whether loads reserve any.
   */
  @Test
  @Rule("USAGE-3")
  void bytesAreInFlightWhileTheStorageIsHeld(AdapterUnderTest a) {
    Stall stall = a.stall();
    HeldWork others = new HeldWork(a, 10);
    Ledger ledger = new Ledger(a);
    stall.hold();
    List<StoreRequest> requests = new ArrayList<>();
    List<CompletionStage<StoreResult>> stages = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      requests.add(paddedStore(a, List.of(a.key(500 + 2 * i), a.key(501 + 2 * i)), 100 + i));
    }
    Apart.call(
        a,
        "SUBMIT-1",
        "submitting stores to held storage",
        () -> {
          requests.forEach(request -> stages.add(a.adapter().store(request)));
          return stages.size();
        });
    a.await("a store inside the held storage", () -> stall.held() >= 1);
    Apart.call(a, "SUBMIT-1", "usage() while the storage is held", a.adapter()::usage);
    awaitInFlight(a, "stores alone", () -> inFlight(requests, stages));
    assertThat(inFlight(requests, stages)).as("bytes of stores that are held").isPositive();
    Apart.call(a, "SUBMIT-1", "submitting to held storage", () -> others.submit(0, 10));
    awaitInFlight(
        a,
        "with loads and deletes beside them",
        () -> inFlight(requests, stages) + others.inFlight());
    stall.release();
    for (int i = 0; i < stages.size(); i++) {
      assertThat(a.await("a store of held storage", stages.get(i)).count(StoreOutcome.STORED))
          .as("keys of %s that were stored", requests.get(i))
          .isEqualTo(2);
      requests
          .get(i)
          .items()
          .forEach(
              item ->
                  ledger.store(item.key(), item.object().sizeBytes(), StoreMode.IF_ABSENT, true));
    }
    others.assertDone();
    assertNothingInFlight(a, "all stores");
  }

  /** Waits, since what need not reach the storage may still complete. */
  private static void awaitInFlight(AdapterUnderTest a, String when, LongSupplier bytes) {
    Waiting.until(() -> a.adapter().usage().inFlightBytes() == bytes.getAsLong(), a.patience());
    assertThat(a.adapter().usage().inFlightBytes())
        .as("USAGE-3: bytes in flight, against the sizes of stores that are not complete, %s", when)
        .isEqualTo(bytes.getAsLong());
  }

  private static StoreRequest paddedStore(AdapterUnderTest a, List<ObjectKey> keys, int size) {
    int physical = a.padded(512);
    return new StoreRequest(
        keys.stream()
            .map(key -> new StoreItem(key, a.filledPadded(key, 1, size, physical)))
            .toList(),
        StoreMode.IF_ABSENT,
        Options.DEFAULT);
  }

  private static long inFlight(
      List<StoreRequest> requests, List<CompletionStage<StoreResult>> stages) {
    long bytes = 0;
    for (int i = 0; i < stages.size(); i++) {
      if (!stages.get(i).toCompletableFuture().isDone()) {
        bytes +=
            requests.get(i).items().stream()
                .map(StoreItem::object)
                .mapToLong(MemoryObject::sizeBytes)
                .sum();
      }
    }
    return bytes;
  }

  // ---- when

  /**
   * Reads the usage in what is chained to the stages of stores, replacements and deletes.
   *
   * <p>If this fails, look at the order in which a request ends: first count, then take back what
   * was reserved, then complete the stage.
   */
  @Test
  @Rule("USAGE-4")
  void usageIsUpToDateWhenAStageCompletes(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    int rounds = Math.max(10, a.scaled(20));
    for (int i = 0; i < rounds; i++) {
      Map<ObjectKey, Integer> objects = objects(a, 3 * i, 3, 200);
      Map<ObjectKey, Integer> others = objects(a, 3 * i, 3, 300);
      for (StoreRequest request :
          List.of(
              ledger.request(objects, StoreMode.IF_ABSENT, Options.DEFAULT),
              ledger.request(others, StoreMode.IF_ABSENT, Options.DEFAULT),
              ledger.request(objects, StoreMode.REPLACE, Options.DEFAULT))) {
        AdapterUsage then =
            a.await("a store", a.adapter().store(request).thenApply(r -> a.adapter().usage()));
        request
            .items()
            .forEach(
                item -> ledger.store(item.key(), item.object().sizeBytes(), request.mode(), true));
        ledger.assertUsage("in what is chained to a store (USAGE-4)", then);
        assertThat(then.inFlightBytes())
            .as("USAGE-4: bytes in flight in what is chained to the only store")
            .isZero();
      }
      DeleteRequest delete = DeleteRequest.of(List.copyOf(objects.keySet()));
      AdapterUsage then =
          a.await("a delete", a.adapter().delete(delete).thenApply(r -> a.adapter().usage()));
      delete.keys().forEach(ledger::delete);
      ledger.assertUsage("in what is chained to a delete (USAGE-4)", then);
    }
    ledger.assertUsage("at the end");
  }

  /** So many objects from a key on, each a byte larger than the one before. */
  private static Map<ObjectKey, Integer> objects(
      AdapterUnderTest a, int from, int count, int size) {
    Map<ObjectKey, Integer> objects = new LinkedHashMap<>();
    for (int i = from; i < from + count; i++) {
      objects.put(a.key(i), size + i);
    }
    return objects;
  }

  // ---- status

  /**
   * Reads the status after open, after some work that finds and misses, and after close.
   *
   * <p>If this fails, look at absent keys or sizes that do not fit being taken for failures of the
   * storage, and at what close says of itself.
   */
  @Test
  @Rule("STATUS-1")
  void healthIsOkUntilClose(AdapterUnderTest a) {
    assertOk(a, "after open, 0 requests");
    Ledger ledger = new Ledger(a);
    ledger.store(objects(a, 0, 4, 100), StoreMode.IF_ABSENT);
    ledger.load(objects(a, 0, 8, 100));
    ledger.load(objects(a, 0, 4, 101));
    ledger.tooLate(objects(a, 20, 2, 100));
    ledger.delete(a.keys(2, 8));
    assertOk(a, "after 5 requests");
    a.close();
    AdapterStatus closed = a.adapter().status();
    assertThat(closed.health())
        .as("STATUS-1: health after 1 close; usage: %s", a.adapter().usage())
        .isEqualTo(Health.CLOSED);
    assertThat(closed.reason())
        .as("STATUS-1: reason after 1 close; usage: %s", a.adapter().usage())
        .isNotBlank();
    assertThat(closed.reason().lines()).as("STATUS-1: lines of the reason after close").hasSize(1);
  }

  private static void assertOk(AdapterUnderTest a, String when) {
    AdapterStatus status = a.adapter().status();
    assertThat(status.health())
        .as("STATUS-1: health %s; reason: %s", when, status.reason())
        .isEqualTo(Health.OK);
    assertThat(status.reason()).as("STATUS-1: reason %s, all being well", when).isEmpty();
  }
}

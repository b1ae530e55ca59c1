// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Feature;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a store does: the bytes, the two modes, and what a failure leaves. */
abstract class StoreRules {

  private static final int SIZE = 10_000;

  /**
   * Objects come back into other memory, which was poisoned before; in requests of 1 to 300 keys,
   * one by one and all at once.
   *
   * <p>If this fails, look at what happens to a buffer's position, at whether the whole object is
   * written, at how a key becomes a name, and at whether a request's items are told apart.
   */
  @Test
  @Rule("STORE-1")
  void storedBytesComeBack(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (List<ObjectKey> keys : Batches.of(a)) {
      Ops.mustStore(a, keys, 1, size);
      Expect.there("STORE-1", a, keys, 1, size);
      for (ObjectKey key : keys.subList(0, Math.min(20, keys.size()))) {
        Ops.mustLoad(a, key, 1, size);
      }
    }
  }

  /**
   * An object of some megabytes comes back, all of it: more than a write of a pipe, a socket or a
   * device takes at once, and no multiple of anything.
   *
   * <p>If this fails, look at short writes and short reads: what a call did not move has to be
   * asked for again, from where it stopped.
   */
  @Test
  @Rule("STORE-1")
  void largeObjectsComeBack(AdapterUnderTest a) {
    int size = Batches.bytes(a, 5_000_011);
    ObjectKey key = a.key(1);
    Ops.mustStore(a, List.of(key), 1, size);
    Ops.mustLoad(a, key, 1, size);
  }

  /**
   * Stores with IF_ABSENT over half of the keys of a request, with other bytes of the same size:
   * those are ALREADY_PRESENT and keep the first bytes, the other half is STORED.
   *
   * <p>If this fails, look at whether IF_ABSENT asks for what is there before it writes, and at
   * whether it does so for each key.
   */
  @Test
  @Rule("STORE-2")
  void ifAbsentLeavesWhatIsThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (List<ObjectKey> keys : Batches.of(a)) {
      List<ObjectKey> present = Batches.everySecond(keys, 0);
      List<ObjectKey> others = Batches.everySecond(keys, 1);
      Ops.mustStore(a, present, 1, size);
      StoreResult result = Ops.store(a, Ops.storeOf(a, keys, 2, size, StoreMode.IF_ABSENT));
      Expect.stored(
          "STORE-2",
          keys,
          result,
          key -> present.contains(key) ? StoreOutcome.ALREADY_PRESENT : StoreOutcome.STORED);
      Expect.there("STORE-2", a, present, 1, size);
      if (!others.isEmpty()) {
        Expect.there("STORE-2", a, others, 2, size);
      }
    }
  }

  /**
   * Stores with IF_ABSENT over objects that are one byte larger, and then over smaller ones: each
   * time STORED, the new object is whole, and the old size is no more to be had.
   *
   * <p>If this fails, look at whether IF_ABSENT compares sizes, and at whether a smaller object
   * leaves the tail of a larger one behind it.
   */
  @Test
  @Rule("STORE-3")
  void ifAbsentReplacesAnotherSize(AdapterUnderTest a) {
    int large = Batches.bytes(a, SIZE);
    int[] sizes = {large, large - 1, large, large / 2};
    for (List<ObjectKey> keys : Batches.of(a)) {
      for (int version = 0; version < versions(keys, sizes); version++) {
        int size = sizes[version];
        StoreResult result = Ops.store(a, Ops.storeOf(a, keys, version, size, StoreMode.IF_ABSENT));
        Expect.stored("STORE-3, to " + size + " bytes", keys, result, StoreOutcome.STORED);
        Expect.there("STORE-3, to " + size + " bytes", a, keys, version, size);
      }
      assertThat(Ops.load(a, keys.get(0), a.poisoned(large)))
          .as("STORE-3: load of %s with a size that it had before", keys.get(0))
          .isEqualTo(LoadOutcome.SIZE_MISMATCH);
    }
  }

  /**
   * Stores with REPLACE where nothing is, over objects of the same size, and over larger and
   * smaller ones: always STORED, and the new bytes come back. An adapter that declines REPLACE says
   * so and leaves things as they are.
   *
   * <p>If this fails, look at whether REPLACE takes the short way of IF_ABSENT, and at whether the
   * new object takes the place of the old one as a whole.
   */
  @Test
  @Rule("STORE-4")
  void replaceAlwaysWrites(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    if (a.declines(Feature.REPLACE)) {
      replaceIsDeclined(a, size);
      return;
    }
    int[] sizes = {size, size, size - 1, size};
    for (List<ObjectKey> keys : Batches.of(a)) {
      for (int version = 0; version < versions(keys, sizes); version++) {
        StoreRequest request = Ops.storeOf(a, keys, version, sizes[version], StoreMode.REPLACE);
        Expect.stored("STORE-4", keys, Ops.store(a, request), StoreOutcome.STORED);
        Expect.there("STORE-4", a, keys, version, sizes[version]);
      }
    }
  }

  /** Every size, or, of many keys, the first two: a request's length has no part in the others. */
  private static int versions(List<ObjectKey> keys, int[] sizes) {
    return keys.size() > 20 ? 2 : sizes.length;
  }

  private static void replaceIsDeclined(AdapterUnderTest a, int size) {
    List<ObjectKey> there = List.of(a.key(1));
    List<ObjectKey> absent = List.of(a.key(2));
    Ops.mustStore(a, there, 1, size);
    for (List<ObjectKey> keys : List.of(there, absent)) {
      StoreResult result = Ops.store(a, Ops.storeOf(a, keys, 2, size, StoreMode.REPLACE));
      Expect.failed("LIMIT-4", keys, result, L2ErrorCode.DECLINED);
    }
    Expect.there("LIMIT-4", a, there, 1, size);
    Expect.absent("LIMIT-4", a, absent);
  }

  /**
   * Two threads replace one key again and again, with objects of one size, while two others load it
   * and one looks it up: every load brings one of the objects, whole, and every lookup finds it.
   *
   * <p>If this fails, look at whether a new object is written beside the old one and takes its
   * place in one step, and at whether a load that began with one object ends with it.
   */
  @Test
  @Rule("STORE-5")
  void readersGetTheOldObjectOrTheNewOne(AdapterUnderTest a) {
    int size = Batches.bytes(a, 200_000);
    if (a.declines(Feature.REPLACE)) {
      replaceIsDeclined(a, size);
      return;
    }
    new Replacements(a, a.key(1), StoreMode.REPLACE, List.of(size, size, size, size)).run();
  }

  /**
   * The same with objects of four sizes, replaced by IF_ABSENT: a load with one of these sizes
   * brings that object, whole, or is SIZE_MISMATCH, and never NOT_FOUND.
   *
   * <p>If this fails, look at whether the size and the bytes of an object are published together,
   * and at whether a replacement of another size deletes first.
   */
  @Test
  @Rule({"STORE-5", "STORE-3"})
  void readersGetOneOfTheSizes(AdapterUnderTest a) {
    int size = Batches.bytes(a, 100_000);
    List<Integer> sizes = List.of(size, size / 2, size - 1, size / 2 - 1);
    new Replacements(a, a.key(1), StoreMode.IF_ABSENT, sizes).run();
  }

  /**
   * Stores that fail as their deadline has passed, of keys that are not there: they are not there
   * afterwards either, and can be stored.
   *
   * <p>If this fails, look at whether a key is entered into an index before its object is
   * published, and taken out if that fails.
   */
  @Test
  @Rule("STORE-6")
  void whatFailedIsNotThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (List<ObjectKey> keys : Batches.of(a)) {
      StoreResult result = Ops.store(a, tooLate(a, keys, 1, size, StoreMode.IF_ABSENT));
      Expect.failed("STORE-6", keys, result, L2ErrorCode.DEADLINE);
      Expect.absent("STORE-6", a, keys);
      Ops.mustStore(a, keys, 2, size);
      Expect.there("STORE-6", a, keys, 2, size);
    }
  }

  /**
   * Stores that fail as their deadline has passed, over objects that are there, of the same size
   * and of another, by both modes: the old objects are as they were.
   *
   * <p>If this fails, look at whether an object is removed, or its size noted, before the new one
   * is published.
   */
  @Test
  @Rule("STORE-6")
  void whatFailedIsAsItWas(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (List<ObjectKey> keys : Batches.of(a)) {
      Ops.mustStore(a, keys, 1, size);
      List<StoreRequest> requests = new ArrayList<>();
      requests.add(tooLate(a, keys, 2, size - 1, StoreMode.IF_ABSENT));
      if (!a.declines(Feature.REPLACE)) {
        requests.add(tooLate(a, keys, 3, size, StoreMode.REPLACE));
        requests.add(tooLate(a, keys, 4, size / 2, StoreMode.REPLACE));
      }
      for (StoreRequest request : requests) {
        Expect.failed("STORE-6", keys, Ops.store(a, request), L2ErrorCode.DEADLINE);
        Expect.there("STORE-6, after a " + request.mode(), a, keys, 1, size);
        assertThat(Ops.sizeOf(a, keys.get(0)))
            .as("STORE-6: size of %s after a %s that failed", keys.get(0), request.mode())
            .isGreaterThanOrEqualTo(size);
      }
    }
  }

  /**
   * What fails between others that do not: a key whose object is larger than the adapter can take,
   * or, if any object is small enough, a request whose deadline has passed. It is not there, or as
   * it was, and the others are stored.
   *
   * <p>If this fails, look at whether one failure ends the work for the others, and at whether what
   * is too large is found out before anything is written.
   */
  @Test
  @Rule("STORE-6")
  void whatFailedBetweenOthersIsNotThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    long largest = a.limits().maxObjectBytes();
    if (largest > (32 << 20)) {
      // No object that a test can afford is too large: a whole request fails, between others.
      oneRequestOfThreeFails(a, size);
      return;
    }
    List<ObjectKey> keys = a.keys(Batches.count(a, 5));
    ObjectKey tooLarge = keys.get(keys.size() / 2);
    MemoryObject large = a.poisoned((int) largest + 1);
    for (int round = 0; round < 2; round++) {
      List<StoreItem> items = new ArrayList<>();
      for (ObjectKey key : keys) {
        items.add(new StoreItem(key, key.equals(tooLarge) ? large : a.filled(key, 1, size)));
      }
      StoreResult result = Ops.store(a, StoreRequest.of(items));
      StoreOutcome others = round == 0 ? StoreOutcome.STORED : StoreOutcome.ALREADY_PRESENT;
      Expect.stored(
          "STORE-6", keys, result, key -> key.equals(tooLarge) ? StoreOutcome.FAILED : others);
      if (round == 0) {
        Expect.absent("STORE-6", a, List.of(tooLarge));
        Ops.mustStore(a, List.of(tooLarge), 1, size);
      }
      Expect.there("STORE-6", a, keys, 1, size);
    }
  }

  private static void oneRequestOfThreeFails(AdapterUnderTest a, int size) {
    int count = Batches.count(a, 17);
    List<ObjectKey> first = a.keys(0, count);
    List<ObjectKey> late = a.keys(1000, count);
    List<ObjectKey> last = a.keys(2000, count);
    var one = a.adapter().store(Ops.storeOf(a, first, 1, size, StoreMode.IF_ABSENT));
    var two = a.adapter().store(tooLate(a, late, 1, size, StoreMode.IF_ABSENT));
    var three = a.adapter().store(Ops.storeOf(a, last, 1, size, StoreMode.IF_ABSENT));
    Expect.stored("STORE-6", first, a.await("the first store", one), StoreOutcome.STORED);
    Expect.failed("STORE-6", late, a.await("the late store", two), L2ErrorCode.DEADLINE);
    Expect.stored("STORE-6", last, a.await("the last store", three), StoreOutcome.STORED);
    Expect.there("STORE-6", a, first, 1, size);
    Expect.absent("STORE-6", a, late);
    Expect.there("STORE-6", a, last, 1, size);
  }

  /**
   * Stores that fail as the adapter is closed: the next adapter on the same storage does not find
   * them, and finds what was there before as it was.
   *
   * <p>If this fails, look at whether a store asks whether the adapter is open before it touches
   * the storage.
   */
  @Test
  @Rule("STORE-6")
  void whatFailedByACloseIsNotThereAfterwards(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> before = a.keys(0, Batches.count(a, 3));
    List<ObjectKey> after = a.keys(100, Batches.count(a, 3));
    Ops.mustStore(a, before, 1, size);
    a.close();
    StoreResult again = Ops.store(a, Ops.storeOf(a, before, 2, size - 1, StoreMode.IF_ABSENT));
    Expect.failed("STORE-6", before, again, L2ErrorCode.CLOSED);
    StoreResult fresh = Ops.store(a, Ops.storeOf(a, after, 1, size, StoreMode.IF_ABSENT));
    Expect.failed("STORE-6", after, fresh, L2ErrorCode.CLOSED);
    a.reopen();
    Expect.absent("STORE-6", a, after);
    if (a.declines(Feature.PERSISTENCE)) {
      Expect.absent("LIMIT-4", a, before);
    } else {
      Expect.there("STORE-6", a, before, 1, size);
    }
  }

  /**
   * Holds the storage, stores over objects and beside them, closes with no bound and lets the
   * storage go: keys that FAILED are as they were for the next adapter, or not there, and keys that
   * were STORED have their new object.
   *
   * <p>If this fails, look at what a store does before its turn has come, and at whether its
   * outcome is decided by what the storage has done.
   */
  @Test
  @Rule("STORE-6")
  void aHeldRequestEndsKeyByKey(AdapterUnderTest a) {
    Stall stall = a.stall();
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(Batches.count(a, 100));
    List<ObjectKey> before = Batches.everySecond(keys, 0);
    Ops.mustStore(a, before, 1, size - 1);
    // Else what it still looks for may be held, and not the store.
    Settled.usage(a);
    stall.hold();
    var stage = a.adapter().store(Ops.storeOf(a, keys, 2, size, StoreMode.IF_ABSENT));
    a.await("a store reaches the held storage", () -> stall.held() > 0);
    a.adapter().close(Duration.ZERO);
    stall.release();
    StoreResult result = a.await("a store that was held during a close", stage);
    assertThat(result.count(StoreOutcome.STORED))
        .as("STORE-6: keys STORED of %d, some of which a worker had begun", keys.size())
        .isGreaterThan(0);
    assertThat(result.count(StoreOutcome.ALREADY_PRESENT))
        .as("STORE-3: keys ALREADY_PRESENT, though of another size")
        .isEqualTo(0);
    a.reopen();
    for (int i = 0; i < keys.size(); i++) {
      List<ObjectKey> key = keys.subList(i, i + 1);
      boolean stored = result.outcome(i) == StoreOutcome.STORED;
      if (a.declines(Feature.PERSISTENCE) || (!stored && !before.contains(keys.get(i)))) {
        Expect.absent("STORE-6, " + result.outcome(i), a, key);
      } else {
        Expect.there(
            "STORE-6, " + result.outcome(i), a, key, stored ? 2 : 1, stored ? size : size - 1);
      }
    }
  }

  private static StoreRequest tooLate(
      AdapterUnderTest a, List<ObjectKey> keys, int version, int size, StoreMode mode) {
    List<StoreItem> items = new ArrayList<>();
    for (ObjectKey key : keys) {
      MemoryObject object = a.filled(key, version, size);
      items.add(new StoreItem(key, object));
    }
    Options late = Options.DEFAULT.withDeadline(a.clock().in(Duration.ofSeconds(-1)));
    return new StoreRequest(items, mode, late);
  }
}

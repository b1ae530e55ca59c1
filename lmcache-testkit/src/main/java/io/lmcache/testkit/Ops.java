// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The usual requests in one word: made, submitted, waited for, and with buffers that hold the
 * pattern or were poisoned. Static methods that take the adapter under test first.
 */
final class Ops {

  private Ops() {}

  // ---- making requests

  static StoreRequest storeOf(AdapterUnderTest a, ObjectKey key, int version, int size) {
    return storeOf(a, List.of(key), version, size, StoreMode.IF_ABSENT);
  }

  static StoreRequest storeOf(
      AdapterUnderTest a, List<ObjectKey> keys, int version, int size, StoreMode mode) {
    List<StoreItem> items =
        keys.stream().map(key -> new StoreItem(key, a.filled(key, version, size))).toList();
    return new StoreRequest(items, mode, Options.DEFAULT);
  }

  static LoadRequest loadOf(List<ObjectKey> keys, List<MemoryObject> into) {
    return LoadRequest.of(
        IntStream.range(0, keys.size())
            .mapToObj(i -> LoadItem.of(keys.get(i), into.get(i)))
            .toList());
  }

  /** Poisoned objects to load into, all of one size. */
  static List<MemoryObject> poisoned(AdapterUnderTest a, int count, int size) {
    return IntStream.range(0, count).mapToObj(i -> a.poisoned(size)).toList();
  }

  // ---- one key

  static StoreOutcome store(AdapterUnderTest a, ObjectKey key, int version, int size) {
    return store(a, storeOf(a, key, version, size)).outcome(0);
  }

  static StoreOutcome replace(AdapterUnderTest a, ObjectKey key, int version, int size) {
    return store(a, storeOf(a, List.of(key), version, size, StoreMode.REPLACE)).outcome(0);
  }

  static LoadOutcome load(AdapterUnderTest a, ObjectKey key, MemoryObject into) {
    return load(a, List.of(key), List.of(into)).outcome(0);
  }

  static DeleteOutcome delete(AdapterUnderTest a, ObjectKey key) {
    return delete(a, List.of(key)).outcome(0);
  }

  /** Whether a lookup finds the key; places no pin. */
  static boolean isThere(AdapterUnderTest a, ObjectKey key) {
    return hits(a, List.of(key)).get(0);
  }

  /** The size that a lookup says; -1 if the key is not there. */
  static long sizeOf(AdapterUnderTest a, ObjectKey key) {
    try (LookupLease lease = lookup(a, List.of(key), Extent.ALL, false)) {
      return lease.hit(0) ? lease.get(0).sizeBytes() : -1;
    }
  }

  // ---- many keys

  static StoreResult store(AdapterUnderTest a, StoreRequest request) {
    return a.await("a store of " + request.items().get(0).key(), a.adapter().store(request));
  }

  /** Stores keys of one size, which must all be STORED. */
  static void mustStore(AdapterUnderTest a, List<ObjectKey> keys, int version, int size) {
    StoreResult result = store(a, storeOf(a, keys, version, size, StoreMode.IF_ABSENT));
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i))
          .as("store of %s, %d bytes; error %s", keys.get(i), size, result.error(i))
          .isEqualTo(StoreOutcome.STORED);
    }
  }

  static LoadResult load(AdapterUnderTest a, List<ObjectKey> keys, List<MemoryObject> into) {
    return a.await("a load of " + keys.get(0), a.adapter().load(loadOf(keys, into)));
  }

  /** Loads a key, which must be there with this version's bytes and size. */
  static void mustLoad(AdapterUnderTest a, ObjectKey key, int version, int size) {
    MemoryObject into = a.poisoned(size);
    assertThat(load(a, key, into))
        .as("load of %s, %d bytes", key, size)
        .isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(into, key, version);
  }

  static DeleteResult delete(AdapterUnderTest a, List<ObjectKey> keys) {
    return a.await("a delete of " + keys.get(0), a.adapter().delete(DeleteRequest.of(keys)));
  }

  /** A lookup of all keys with pins; to be closed. */
  static LookupLease pin(AdapterUnderTest a, List<ObjectKey> keys) {
    return lookup(a, keys, Extent.ALL, true);
  }

  static LookupLease lookup(AdapterUnderTest a, List<ObjectKey> keys, Extent extent, boolean pin) {
    return a.await(
        "a lookup of " + keys.get(0),
        a.adapter().lookup(new LookupRequest(keys, extent, pin, Options.DEFAULT)));
  }

  /** Which of the keys a lookup finds; places no pin. */
  static List<Boolean> hits(AdapterUnderTest a, List<ObjectKey> keys) {
    try (LookupLease lease = lookup(a, keys, Extent.ALL, false)) {
      return IntStream.range(0, keys.size()).mapToObj(lease::hit).toList();
    }
  }

  /** A whole walk over the keys of this test's model: keys and sizes; fails on a page's error. */
  static Map<ObjectKey, Long> list(AdapterUnderTest a, int pageSize) {
    return Walk.over(a, pageSize).sizes();
  }

  // ---- errors

  /** Fails unless there is an error of this code, with a text of one line. */
  static void assertError(String what, @Nullable L2Error error, L2ErrorCode code) {
    assertThat(error).as("error of %s", what).isNotNull();
    L2Error there = Objects.requireNonNull(error);
    assertThat(there.code()).as("error of %s: %s", what, there).isEqualTo(code);
    assertThat(there.text()).as("text of the error of %s", what).isNotBlank();
    assertThat(there.text().lines().count()).as("lines of the error of %s", what).isEqualTo(1);
  }

  /** The keys in a new list without one. */
  static List<ObjectKey> without(Collection<ObjectKey> keys, ObjectKey key) {
    List<ObjectKey> rest = new ArrayList<>(keys);
    rest.remove(key);
    return rest;
  }
}

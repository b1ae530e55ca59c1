// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How large objects are, and what may name them. */
abstract class SizeRules {

  private static final int KIB = 1024;

  // ---- sizes

  /**
   * One request with objects from a byte to 32 MiB, then one that loads them all, in another order.
   *
   * <p>If this fails, look for the first object's size being used for all, and for a piece size of
   * which only whole ones are moved.
   */
  @Test
  @Rule("SIZE-1")
  void eachKeyHasItsOwnSize(AdapterUnderTest a) {
    List<Integer> sizes =
        Sizes.within(a, List.of(512, 1, 511, 4096, 4097, 3_942_656, 33_554_432, 2));
    List<ObjectKey> keys = a.keys(sizes.size());
    List<MemoryObject> objects =
        IntStream.range(0, keys.size())
            .mapToObj(i -> a.filled(keys.get(i), 1, sizes.get(i)))
            .toList();
    StoreResult store =
        Ops.store(
            a,
            StoreRequest.of(
                IntStream.range(0, keys.size())
                    .mapToObj(i -> new StoreItem(keys.get(i), objects.get(i)))
                    .toList()));
    for (int i = 0; i < keys.size(); i++) {
      assertThat(store.outcome(i))
          .as("SIZE-1: store of %s, %s; error %s", keys.get(i), objects.get(i), store.error(i))
          .isEqualTo(StoreOutcome.STORED);
      Sizes.assertLookup(a, "SIZE-1", keys.get(i), sizes.get(i));
      // Into the same memory: with other memory this would need twice as much.
      a.memory().poison(objects.get(i));
    }
    List<Integer> order =
        IntStream.range(0, keys.size()).map(i -> keys.size() - 1 - i).boxed().toList();
    LoadResult load =
        Ops.load(
            a, order.stream().map(keys::get).toList(), order.stream().map(objects::get).toList());
    for (int i = 0; i < keys.size(); i++) {
      int at = order.get(i);
      assertThat(load.outcome(i))
          .as("SIZE-1: load of %s, %s; error %s", keys.get(at), objects.get(at), load.error(i))
          .isEqualTo(LoadOutcome.LOADED);
      TestMemory.assertHolds(objects.get(at), keys.get(at), 1);
    }
  }

  /**
   * An object of no bytes is stored, found, loaded, counted, listed, kept over a close and deleted.
   *
   * <p>If this fails, look for a length of 0 that is taken for "not there" or for an end of file,
   * and for calls that are left out because there is nothing to move.
   */
  @Test
  @Rule("SIZE-2")
  void anEmptyObjectIsAnObject(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    Ledger ledger = new Ledger(a);
    assertThat(Ops.load(a, key, a.poisoned(0)))
        .as("SIZE-2: load of 0 bytes of %s, which is not there", key)
        .isEqualTo(LoadOutcome.NOT_FOUND);
    ledger.store(Sizes.each(List.of(key, a.key(1)), 0), StoreMode.IF_ABSENT);
    ledger.store(Sizes.each(List.of(key), 0), StoreMode.IF_ABSENT);
    ledger.load(Sizes.each(List.of(key, a.key(1), a.key(2)), 0));
    ledger.load(Sizes.each(List.of(key), 1));
    ledger.assertUsage("two objects of 0 bytes stored");
    Sizes.assertLookup(a, "SIZE-2", key, 0);
    assertThat(a.events().summaries(key))
        .as("SIZE-2: events of %s", key)
        .doesNotContain("REMOVED(GONE) 0");
    if (!a.declines(Feature.LIST)) {
      assertThat(Ops.list(a, 10)).as("SIZE-2: keys of a walk").containsEntry(key, 0L);
    }
    if (!a.declines(Feature.PERSISTENCE)) {
      a.reopen();
      Sizes.assertLookup(a, "SIZE-2: after a close", key, 0);
    } else {
      assertThat(Ops.isThere(a, key)).as("SIZE-2: lookup of %s", key).isTrue();
    }
    assertThat(Ops.delete(a, key))
        .as("SIZE-2: delete of %s, 0 bytes", key)
        .isEqualTo(a.declines(Feature.DELETE) ? DeleteOutcome.FAILED : DeleteOutcome.DELETED);
    assertThat(Ops.isThere(a, key))
        .as("SIZE-2: lookup of %s after its delete", key)
        .isEqualTo(a.declines(Feature.DELETE));
  }

  /**
   * Loads objects into smaller and larger buffers, by a byte and by far, next to a key that fits.
   *
   * <p>If this fails, look at short reads that are taken for success, at reads that end with the
   * buffer instead of the object, and at objects that are dropped because they did not fit.
   */
  @Test
  @Rule("SIZE-3")
  void buffersOfAnotherSizeAreAMismatch(AdapterUnderTest a) {
    ObjectKey fits = a.key(0);
    List<Integer> sizes = Sizes.within(a, List.of(1, 512, 4096, 10_000));
    Ledger ledger = new Ledger(a);
    ledger.store(fits, 700, StoreMode.IF_ABSENT);
    int mismatches = 0;
    for (int size : sizes) {
      ObjectKey key = a.key(size);
      ledger.store(key, size, StoreMode.IF_ABSENT);
      for (int other : List.of(0, size - 1, size + 1, 2 * size, size + 4096)) {
        Map<ObjectKey, Integer> buffers = new LinkedHashMap<>();
        buffers.put(key, other);
        buffers.put(fits, 700);
        mismatches += ledger.load(buffers).count(LoadOutcome.SIZE_MISMATCH);
        Sizes.assertLookup(a, "SIZE-3: after a load into " + other + " bytes", key, size);
      }
      Ops.mustLoad(a, key, 1, size);
    }
    assertThat(mismatches)
        .as("SIZE-3: loads into a buffer of another size")
        .isEqualTo(5 * sizes.size());
    ledger.assertUsage("loads into buffers of another size");
    a.memory().assertCanariesWhole();
  }

  /**
   * Objects of many sizes in one lookup, also after they were replaced by ones of another size.
   *
   * <p>If this fails, look at where a lookup gets the size from, at lengths that are rounded where
   * the hit says they are exact, and at what is remembered of an object that was replaced.
   */
  @Test
  @Rule("SIZE-4")
  void lookupsSayTheSize(AdapterUnderTest a) {
    List<Integer> sizes = Sizes.within(a, List.of(3 * KIB, 0, 1, 511, 512, 513, 4095, 4097));
    List<ObjectKey> keys = a.keys(sizes.size());
    Map<ObjectKey, Integer> first = new LinkedHashMap<>();
    Map<ObjectKey, Integer> second = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      first.put(keys.get(i), sizes.get(i));
      second.put(keys.get(i), sizes.get((i + 1) % keys.size()));
    }
    for (Map<ObjectKey, Integer> objects : List.of(first, second)) {
      new Ledger(a).store(objects, StoreMode.IF_ABSENT);
      objects.forEach((key, size) -> Sizes.assertLookup(a, "SIZE-4", key, size));
      try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, false)) {
        for (int i = 0; i < keys.size(); i++) {
          long size = objects.getOrDefault(keys.get(i), -1);
          assertThat(lease.get(i).sizeBytes())
              .as("SIZE-4: size of %s in one lookup of %d keys", keys.get(i), keys.size())
              .matches(said -> lease.get(0).sizeExact() ? said == size : said >= size, "" + size);
        }
      }
    }
  }

  // ---- keys

  /**
   * Plain keys that differ in one field: all are stored, none is taken for another, and each is
   * deleted alone.
   *
   * <p>If this fails, look at how a key becomes a name: every field must be in it.
   */
  @Test
  @Rule("KEY-1")
  void keysThatDifferInOneFieldAreDifferent(AdapterUnderTest a) {
    List<ObjectKey> keys = KeyShapes.plain(a.model());
    assertThat(supported(a, keys))
        .as("KEY-1: plain keys that the adapter supports")
        .isEqualTo(keys);
  }

  /**
   * Keys of every legal shape that {@code maxKeyBytes} allows: other alphabets, blanks, characters
   * that file systems, shells and URLs treat in their own way, long and short hashes, twins that a
   * careless name confuses. A key works with every operation or with none.
   *
   * <p>If this fails, look at how a key becomes a name: two keys must never share one, whatever is
   * folded, escaped or cut off, and a key that has no name of its own is UNSUPPORTED_KEY in every
   * operation.
   */
  @Test
  @Rule("KEY-1")
  void everyLegalKeyWorksOrIsUnsupported(AdapterUnderTest a) {
    List<ObjectKey> keys = new ArrayList<>(KeyShapes.other(a.model(), a.limits().maxKeyBytes()));
    ObjectKey plain = KeyShapes.plain(a.model()).get(0);
    keys.add(keys.size() / 2, plain);
    List<ObjectKey> supported = new ArrayList<>();
    int most = Math.min(keys.size(), a.limits().maxKeysPerRequest());
    for (int from = 0; from < keys.size(); from += most) {
      List<ObjectKey> some = keys.subList(from, Math.min(from + most, keys.size()));
      supported.addAll(supported(a, some));
    }
    assertThat(supported)
        .as("KEY-1: keys that the adapter supports of %d", keys.size())
        .contains(plain)
        .hasSizeGreaterThan(1);
  }

  /** Those that work; fails if one of the others is refused by some operations only. */
  private static List<ObjectKey> supported(AdapterUnderTest a, List<ObjectKey> keys) {
    int size = 600;
    StoreResult store = Ops.store(a, Ops.storeOf(a, keys, 1, size, StoreMode.IF_ABSENT));
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), size);
    LoadResult load = Ops.load(a, keys, into);
    List<ObjectKey> supported = new ArrayList<>();
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, false)) {
      for (int i = 0; i < keys.size(); i++) {
        ObjectKey key = keys.get(i);
        if (store.outcome(i) == StoreOutcome.FAILED) {
          assertUnsupported("a store", key, store.error(i));
          assertUnsupported("a load", key, load.error(i));
          assertUnsupported("a lookup", key, lease.error(i));
          assertThat(lease.hit(i)).as("KEY-1: hit of unsupported %s", key).isFalse();
        } else {
          assertThat(store.outcome(i)).as("KEY-1: store of %s", key).isEqualTo(StoreOutcome.STORED);
          assertThat(load.outcome(i))
              .as("KEY-1: load of %s, error %s", key, load.error(i))
              .isEqualTo(LoadOutcome.LOADED);
          TestMemory.assertHolds(into.get(i), key, 1);
          assertThat(lease.hit(i)).as("KEY-1: lookup of %s: %s", key, lease.error(i)).isTrue();
          supported.add(key);
        }
      }
    }
    if (!a.declines(Feature.LIST)) {
      assertListed(a, supported);
    }
    assertDeletedOneByOne(a, keys, supported);
    return supported;
  }

  private static void assertUnsupported(String what, ObjectKey key, @Nullable L2Error error) {
    Ops.assertError(
        "KEY-1: " + what + " of a key that could not be stored: " + key,
        error,
        L2ErrorCode.UNSUPPORTED_KEY);
  }

  private static void assertListed(AdapterUnderTest a, List<ObjectKey> keys) {
    for (String model : keys.stream().map(ObjectKey::modelName).distinct().toList()) {
      assertThat(walk(a, model))
          .as("KEY-1: keys of a walk over the model \"%s\"", model)
          .containsExactlyInAnyOrderElementsOf(
              keys.stream().filter(key -> key.modelName().equals(model)).toList());
    }
  }

  private static List<ObjectKey> walk(AdapterUnderTest a, String model) {
    Set<ObjectKey> found = new HashSet<>();
    ListRequest next = new ListRequest(model, 100, null);
    while (next != null) {
      KeyPage page = a.await("a page of a walk", a.adapter().list(next));
      assertThat(page.error()).as("error of a page of the model \"%s\"", model).isNull();
      page.entries().forEach(entry -> found.add(entry.key()));
      next = next.after(page);
    }
    return List.copyOf(found);
  }

  /** Every other key goes, and the ones between them stay. */
  private static void assertDeletedOneByOne(
      AdapterUnderTest a, List<ObjectKey> keys, List<ObjectKey> supported) {
    List<ObjectKey> first =
        IntStream.range(0, keys.size()).filter(i -> i % 2 == 0).mapToObj(keys::get).toList();
    for (List<ObjectKey> half : List.of(first, keys)) {
      DeleteResult delete = Ops.delete(a, half);
      List<Boolean> hits = Ops.hits(a, keys);
      for (int i = 0; i < half.size(); i++) {
        ObjectKey key = half.get(i);
        if (a.declines(Feature.DELETE)) {
          Ops.assertError("a delete of " + key, delete.error(i), L2ErrorCode.DECLINED);
        } else if (!supported.contains(key)) {
          assertUnsupported("a delete", key, delete.error(i));
        } else {
          boolean again = half == keys && first.contains(key);
          assertThat(delete.outcome(i))
              .as("KEY-1: delete of %s, error %s", key, delete.error(i))
              .isEqualTo(again ? DeleteOutcome.ABSENT : DeleteOutcome.DELETED);
        }
      }
      for (int i = 0; i < keys.size(); i++) {
        boolean gone = half.contains(keys.get(i)) && !a.declines(Feature.DELETE);
        assertThat(hits.get(i))
            .as(
                "KEY-1: lookup of %s, deleted: %s, supported: %s",
                keys.get(i), gone, supported.contains(keys.get(i)))
            .isEqualTo(!gone && supported.contains(keys.get(i)));
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.Hit;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a load does, with and without the hits of a lookup. */
abstract class LoadRules {

  private static final int SIZE = 6_001;

  private record HomeMade(long sizeBytes, boolean sizeExact) implements Hit {}

  /**
   * Loads requests whose keys are there in turn, beginning with one that is and with one that is
   * not: each outcome is at its key's position, and the bytes are that key's.
   *
   * <p>If this fails, look at how results find their way back to positions when some keys end
   * earlier than others.
   */
  @Test
  @Rule("LOAD-1")
  void everySecondKeyIsThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (int first = 0; first < 2; first++) {
      for (List<ObjectKey> keys : Batches.of(a, first)) {
        List<ObjectKey> there = Batches.everySecond(keys, first);
        if (!there.isEmpty()) {
          Ops.mustStore(a, there, 1, size);
        }
        loadsExactly(a, keys, there, size);
      }
    }
  }

  /**
   * Loads requests in which any of the keys are there, in any order, several times.
   *
   * <p>If this fails, look at how results find their way back to positions.
   */
  @Test
  @Rule("LOAD-1")
  void anyOfTheKeysAreThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, 700);
    Random random = a.random("LOAD-1");
    List<ObjectKey> keys = a.keys(Batches.count(a, 40));
    List<ObjectKey> there = keys.stream().filter(key -> random.nextInt(3) > 0).toList();
    if (there.isEmpty()) {
      there = keys;
    }
    Ops.mustStore(a, there, 1, size);
    for (int i = 0; i < a.scaled(10); i++) {
      loadsExactly(a, Batches.shuffled(keys, random), there, size);
    }
  }

  private static void loadsExactly(
      AdapterUnderTest a, List<ObjectKey> keys, List<ObjectKey> there, int size) {
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), size);
    LoadResult result = Ops.load(a, keys, into);
    Expect.loaded(
        "LOAD-1",
        keys,
        result,
        key -> there.contains(key) ? LoadOutcome.LOADED : LoadOutcome.NOT_FOUND);
    for (int i = 0; i < keys.size(); i++) {
      if (result.outcome(i) == LoadOutcome.LOADED) {
        TestMemory.assertHolds(into.get(i), keys.get(i), 1);
      }
    }
  }

  /**
   * Hands each hit back with its own key, after its pin is gone: all are loaded.
   *
   * <p>If this fails, look at what a hit keeps, and at whether that is given up with the pin.
   */
  @Test
  @Rule("LOAD-2")
  void hitsOfTheirOwnKeysWork(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (List<ObjectKey> keys : Batches.of(a)) {
      Ops.mustStore(a, keys, 1, size);
      loadsWith(a, "its own hit", keys, hitsOf(a, keys), 1, size);
    }
  }

  /**
   * Hands hits back with other keys: of the same size and of another, with keys that are there and
   * with one that is not. Every key gets its own bytes, or is NOT_FOUND.
   *
   * <p>If this fails, look at whether a hit that comes back is compared with its item's key.
   */
  @Test
  @Rule("LOAD-2")
  void hitsOfOtherKeysDoNoHarm(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(Batches.count(a, 17));
    List<ObjectKey> larger = a.keys(100, Batches.count(a, 17));
    Ops.mustStore(a, keys, 1, size - 1);
    Ops.mustStore(a, larger, 1, size);
    List<Hit> own = hitsOf(a, keys);
    List<Hit> turned =
        IntStream.range(0, own.size()).map(i -> (i + 1) % own.size()).mapToObj(own::get).toList();
    loadsWith(a, "another key's hit", keys, turned, 1, size - 1);
    loadsWith(a, "a larger object's hit", keys, hitsOf(a, larger), 1, size - 1);
    loadsWith(a, "a smaller object's hit", larger, own, 1, size);
    assertThat(loadWith(a, a.key(-100), own.get(0), a.poisoned(size - 1)))
        .as("LOAD-2: load of a key that is not there, with the hit of %s", keys.get(0))
        .isEqualTo(LoadOutcome.NOT_FOUND);
  }

  /**
   * Hands hits back to an adapter of the same kind on other storage, which has other bytes under
   * the same keys, or nothing.
   *
   * <p>If this fails, look at whether a hit that comes back is known to be this adapter's: that it
   * is of the right class is not enough.
   */
  @Test
  @Rule("LOAD-2")
  void hitsOfAnotherAdapterDoNoHarm(AdapterUnderTest a) throws L2ConfigException, IOException {
    int size = Batches.bytes(a, SIZE);
    AdapterUnderTest other = a.sibling();
    List<ObjectKey> both = a.keys(Batches.count(a, 5));
    ObjectKey here = a.key(100);
    ObjectKey there = a.key(101);
    Ops.mustStore(a, both, 1, size);
    Ops.mustStore(a, List.of(here), 1, size);
    Ops.mustStore(other, both, 2, size);
    Ops.mustStore(other, List.of(there), 2, size);
    loadsWith(a, "another adapter's hit", both, hitsOf(other, both), 1, size);
    loadsWith(other, "another adapter's hit", both, hitsOf(a, both), 2, size);
    Hit foreign = hitsOf(other, List.of(there)).get(0);
    loadsWith(
        a, "another adapter's and another key's hit", List.of(here), List.of(foreign), 1, size);
    assertThat(loadWith(a, there, foreign, a.poisoned(size)))
        .as("LOAD-2: load of %s, which only the adapter that made the hit has", there)
        .isEqualTo(LoadOutcome.NOT_FOUND);
  }

  /**
   * Hands back hits that no adapter made, with sizes that are right, wrong and absurd.
   *
   * <p>If this fails, look at whether a hit is cast, or its size believed, before it is known to be
   * this adapter's.
   */
  @Test
  @Rule("LOAD-2")
  void hitsThatNobodyMadeDoNoHarm(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    ObjectKey key = a.key(1);
    Ops.mustStore(a, List.of(key), 1, size);
    for (long said : new long[] {size, size - 1, size + 1, 0, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      for (boolean exact : new boolean[] {true, false}) {
        Hit hit = new HomeMade(said, exact);
        loadsWith(a, hit.toString(), List.of(key), List.of(hit), 1, size);
        assertThat(loadWith(a, a.key(2), hit, a.poisoned(size)))
            .as("LOAD-2: load of a key that is not there, with %s", hit)
            .isEqualTo(LoadOutcome.NOT_FOUND);
        assertThat(loadWith(a, key, hit, a.poisoned(size - 1)))
            .as("LOAD-2: load of an object of %d bytes into %d, with %s", size, size - 1, hit)
            .isEqualTo(LoadOutcome.SIZE_MISMATCH);
      }
    }
  }

  /**
   * Hands back hits of objects that have been replaced since: by the same size, and by a larger one
   * that the hit knows nothing of. The new object is loaded; its old size is SIZE_MISMATCH.
   *
   * <p>If this fails, look at what is taken from a hit and no more asked of the storage: where an
   * object is, and how large.
   */
  @Test
  @Rule("LOAD-2")
  void hitsOfReplacedObjectsDoNoHarm(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(Batches.count(a, 5));
    Ops.mustStore(a, keys, 1, size - 1);
    List<Hit> stale = hitsOf(a, keys);
    if (!a.declines(Feature.REPLACE)) {
      Expect.stored(
          "STORE-4",
          keys,
          Ops.store(a, Ops.storeOf(a, keys, 2, size - 1, StoreMode.REPLACE)),
          StoreOutcome.STORED);
      loadsWith(a, "a replaced object's hit", keys, stale, 2, size - 1);
    }
    Expect.stored(
        "STORE-3",
        keys,
        Ops.store(a, Ops.storeOf(a, keys, 3, size, StoreMode.IF_ABSENT)),
        StoreOutcome.STORED);
    loadsWith(a, "a smaller, replaced object's hit", keys, stale, 3, size);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(loadWith(a, keys.get(i), stale.get(i), a.poisoned(size - 1)))
          .as("LOAD-2: load of %s with its old size and its old hit", keys.get(i))
          .isEqualTo(LoadOutcome.SIZE_MISMATCH);
    }
  }

  /**
   * Hands back hits of objects that have been deleted since, and then of such as have been stored
   * again.
   *
   * <p>If this fails, look at whether what a hit keeps outlives the object: an open descriptor, a
   * block that has a new owner.
   */
  @Test
  @Rule("LOAD-2")
  void hitsOfDeletedObjectsDoNoHarm(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(Batches.count(a, 5));
    List<ObjectKey> others = a.keys(100, Batches.count(a, 5));
    Ops.mustStore(a, keys, 1, size);
    if (a.declines(Feature.DELETE)) {
      Expect.deleteDeclined(a, keys, 1, size);
      return;
    }
    List<Hit> stale = hitsOf(a, keys);
    Expect.deleted("DELETE-1", keys, Ops.delete(a, keys), DeleteOutcome.DELETED);
    // Others may get the place that has become free.
    Ops.mustStore(a, others, 1, size);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(loadWith(a, keys.get(i), stale.get(i), a.poisoned(size)))
          .as("LOAD-2: load of %s, deleted, with the hit that it had", keys.get(i))
          .isEqualTo(LoadOutcome.NOT_FOUND);
    }
    Ops.mustStore(a, keys, 2, size);
    loadsWith(a, "the hit of what was deleted", keys, stale, 2, size);
    loadsWith(a, "the hit of a deleted object", others, stale, 1, size);
  }

  /**
   * Hands back hits of the adapter that was open before on the same storage.
   *
   * <p>If this fails, look at whether a hit holds a handle that was closed with the adapter that
   * made it, or a number that the next one counts anew.
   */
  @Test
  @Rule("LOAD-2")
  void hitsOfAnEarlierAdapterDoNoHarm(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(Batches.count(a, 5));
    Ops.mustStore(a, keys, 1, size - 1);
    List<Hit> earlier = hitsOf(a, keys);
    a.reopen();
    boolean kept = !a.declines(Feature.PERSISTENCE);
    if (kept) {
      loadsWith(a, "an earlier adapter's hit", keys, earlier, 1, size - 1);
    } else {
      assertThat(loadWith(a, keys.get(0), earlier.get(0), a.poisoned(size - 1)))
          .as("LOAD-2: load of %s, which did not outlive its adapter", keys.get(0))
          .isEqualTo(LoadOutcome.NOT_FOUND);
    }
    Ops.mustStore(a, keys, 2, size);
    loadsWith(a, "an earlier adapter's hit of a replaced object", keys, earlier, 2, size);
  }

  /** What a lookup says of keys that are there; its lease is closed. */
  private static List<Hit> hitsOf(AdapterUnderTest a, List<ObjectKey> keys) {
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, true)) {
      Expect.hits("LOOKUP-1", keys, lease, key -> true);
      return IntStream.range(0, keys.size()).mapToObj(lease::get).toList();
    }
  }

  private static LoadOutcome loadWith(
      AdapterUnderTest a, ObjectKey key, @Nullable Hit hit, MemoryObject into) {
    LoadRequest request = LoadRequest.of(List.of(new LoadItem(key, into, hit)));
    return a.await("a load of " + key, a.adapter().load(request)).outcome(0);
  }

  /** Loads keys in one request, each with a hit; they must hold this version. */
  private static void loadsWith(
      AdapterUnderTest a,
      String what,
      List<ObjectKey> keys,
      List<Hit> hits,
      int version,
      int size) {
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), size);
    List<LoadItem> items = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      items.add(new LoadItem(keys.get(i), into.get(i), hits.get(i)));
    }
    LoadResult result = a.await("a load with hits", a.adapter().load(LoadRequest.of(items)));
    Expect.loaded("LOAD-2, with " + what, keys, result, key -> LoadOutcome.LOADED);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(TestMemory.versionIn(into.get(i), keys.get(i), List.of(1, 2, 3)))
          .as("LOAD-2: version loaded of %s with %s (-1: other bytes)", keys.get(i), what)
          .isEqualTo(version);
    }
  }
}

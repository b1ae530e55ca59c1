// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Does what a test asks for and keeps the books: which objects are there, and so what {@code
 * usage()} must say and what the listener must have heard. A key's outcome must be the one that the
 * books expect; what the adapter declines must be refused and changes nothing.
 *
 * <p>For one thread.
 */
final class Ledger {

  private final AdapterUnderTest a;
  private int fences;
  private final AdapterUsage start;
  private final Map<ObjectKey, Integer> sizes = new HashMap<>();
  private final Map<ObjectKey, List<String>> heard = new LinkedHashMap<>();

  /** Begins with the adapter's usage as it is once objects of earlier runs are counted. */
  Ledger(AdapterUnderTest a) {
    this.a = a;
    a.await("the end of recovering", () -> !a.adapter().usage().recovering());
    this.start = a.adapter().usage();
  }

  // ---- doing

  /** Stores one object. */
  StoreOutcome store(ObjectKey key, int size, StoreMode mode) {
    return store(Map.of(key, size), mode).outcome(0);
  }

  /** Stores objects of these sizes with one request. */
  StoreResult store(Map<ObjectKey, Integer> objects, StoreMode mode) {
    StoreResult result = Ops.store(a, request(objects, mode, Options.DEFAULT));
    List<ObjectKey> keys = List.copyOf(objects.keySet());
    for (int i = 0; i < keys.size(); i++) {
      ObjectKey key = keys.get(i);
      assertThat(result.outcome(i))
          .as("%s store of %s, error %s", mode, key, result.error(i))
          .isEqualTo(store(key, objects.getOrDefault(key, 0), mode, true));
    }
    return result;
  }

  /** The request, with an order of keys that is the map's. */
  StoreRequest request(Map<ObjectKey, Integer> objects, StoreMode mode, Options options) {
    List<StoreItem> items = new ArrayList<>();
    objects.forEach((key, size) -> items.add(new StoreItem(key, a.filled(key, 1, size))));
    return new StoreRequest(items, mode, options);
  }

  /** What such a store must come to; written down if it is. */
  StoreOutcome store(ObjectKey key, int size, StoreMode mode, boolean write) {
    Integer before = sizes.get(key);
    heardOf(key);
    if (mode == StoreMode.REPLACE && a.declines(Feature.REPLACE)) {
      return StoreOutcome.FAILED;
    }
    if (mode == StoreMode.IF_ABSENT && before != null && before == size) {
      return StoreOutcome.ALREADY_PRESENT;
    }
    if (write) {
      sizes.put(key, size);
      if (before != null) {
        heardOf(key).add("REMOVED(REPLACED) " + before);
      }
      heardOf(key).add("STORED " + size);
    }
    return StoreOutcome.STORED;
  }

  /** Deletes keys with one request. */
  DeleteResult delete(List<ObjectKey> keys) {
    DeleteResult result = Ops.delete(a, keys);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i))
          .as("delete of %s, error %s", keys.get(i), result.error(i))
          .isEqualTo(delete(keys.get(i)));
    }
    return result;
  }

  /** What a delete must come to; written down. */
  DeleteOutcome delete(ObjectKey key) {
    heardOf(key);
    if (a.declines(Feature.DELETE)) {
      return DeleteOutcome.FAILED;
    }
    Integer before = sizes.remove(key);
    if (before == null) {
      return DeleteOutcome.ABSENT;
    }
    heardOf(key).add("REMOVED(DELETED) " + before);
    return DeleteOutcome.DELETED;
  }

  /** Loads keys with one request, each into a buffer of a size that may be wrong. */
  LoadResult load(Map<ObjectKey, Integer> buffers) {
    List<ObjectKey> keys = List.copyOf(buffers.keySet());
    List<MemoryObject> into =
        keys.stream().map(key -> a.poisoned(buffers.getOrDefault(key, 0))).toList();
    LoadResult result = Ops.load(a, keys, into);
    for (int i = 0; i < keys.size(); i++) {
      ObjectKey key = keys.get(i);
      assertThat(result.outcome(i))
          .as("load of %s, error %s", key, result.error(i))
          .isEqualTo(load(key, into.get(i).sizeBytes()));
      if (result.outcome(i) == LoadOutcome.LOADED) {
        TestMemory.assertHolds(into.get(i), key, 1);
      }
    }
    return result;
  }

  private LoadOutcome load(ObjectKey key, int buffer) {
    Integer there = sizes.get(key);
    heardOf(key);
    if (there == null) {
      return LoadOutcome.NOT_FOUND;
    }
    if (there != buffer) {
      return LoadOutcome.SIZE_MISMATCH;
    }
    heardOf(key).add("ACCESSED");
    return LoadOutcome.LOADED;
  }

  /** Stores and deletes keys too late: nothing may be done, nothing is written down. */
  void tooLate(Map<ObjectKey, Integer> objects) {
    Options late = Options.DEFAULT.withDeadline(a.clock().in(Duration.ofSeconds(-1)));
    List<ObjectKey> keys = List.copyOf(objects.keySet());
    StoreResult store = Ops.store(a, request(objects, StoreMode.IF_ABSENT, late));
    assertThat(store.count(StoreOutcome.FAILED))
        .as("DEADLINE-1: keys of %s that failed, their deadline having passed", store)
        .isEqualTo(keys.size());
    DeleteResult delete =
        a.await("a delete that is too late", a.adapter().delete(new DeleteRequest(keys, late)));
    assertThat(delete.count(DeleteOutcome.FAILED))
        .as("DEADLINE-1: keys of %s that failed, their deadline having passed", delete)
        .isEqualTo(keys.size());
    keys.forEach(this::heardOf);
  }

  // ---- checking

  /** The size of an object that is there. */
  int sizeOf(ObjectKey key) {
    return sizes.getOrDefault(key, -1);
  }

  /** How many objects are there that the ledger knows of. */
  int objects() {
    return sizes.size();
  }

  /** Waits until the listener has heard of all that was done; the object it takes is counted. */
  void awaitEvents() {
    a.awaitEvents();
    fences++;
  }

  /** Fails unless the usage is the one at the start and what was done since. */
  void assertUsage(String when) {
    assertUsage(when, a.adapter().usage());
  }

  /** The same for a usage that was read by somebody else. */
  void assertUsage(String when, AdapterUsage now) {
    long bytes = sizes.values().stream().mapToLong(Integer::longValue).sum() + fences;
    assertThat(now.storedBytes() - start.storedBytes())
        .as("USAGE-1: stored bytes since the start, %s; objects there: %s", when, sizes)
        .isEqualTo(bytes);
    assertThat(now.storedObjects() - start.storedObjects())
        .as("USAGE-1: stored objects since the start, %s; objects there: %s", when, sizes)
        .isEqualTo(sizes.size() + fences);
  }

  /** Fails unless each salt's bytes are those at the start and what was done since. */
  void assertSalts(String when) {
    Map<String, Long> expected = new HashMap<>(start.bytesBySalt());
    expected.merge("", (long) fences, Long::sum);
    sizes.forEach((key, size) -> expected.merge(key.cacheSalt(), (long) size, Long::sum));
    expected.values().removeIf(bytes -> bytes == 0);
    assertThat(a.adapter().usage().bytesBySalt())
        .as("USAGE-2: stored bytes of each salt, %s", when)
        .isEqualTo(expected);
  }

  /** Fails unless the listener heard of each key what was done to it, and of no other key. */
  void assertHeard(String rule) {
    awaitEvents();
    assertThat(heard).as("keys that were used").isNotEmpty();
    heard.forEach(
        (key, expected) ->
            assertThat(a.events().summaries(key))
                .as("%s: what the listener heard of %s", rule, key)
                .isEqualTo(expected));
    List<ObjectKey> fences = a.keys(-100, 100);
    assertThat(a.events().all())
        .as("%s: events of keys that nobody used", rule)
        .filteredOn(event -> event.kind() != Event.Kind.RECOVERED)
        .allMatch(event -> heard.containsKey(event.key()) || fences.contains(event.key()));
  }

  private List<String> heardOf(ObjectKey key) {
    return heard.computeIfAbsent(key, k -> new ArrayList<>());
  }
}

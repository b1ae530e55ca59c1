// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
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
import io.lmcache.testkit.KeyState.Deleted;
import io.lmcache.testkit.KeyState.LetGo;
import io.lmcache.testkit.KeyState.Loaded;
import io.lmcache.testkit.KeyState.LookedUp;
import io.lmcache.testkit.KeyState.Seen;
import io.lmcache.testkit.KeyState.Stored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One caller that does random things with a few keys, and writes down what it saw of each. For use
 * by one thread; several may work on the same {@link Objects}.
 *
 * <p>Its buffers are used again as soon as a stage is complete: one that an adapter still reads or
 * writes then spoils another operation.
 */
final class RandomWork {

  private static final int[] SIZES = {100, 3000, 4096, 0};

  /**
   * One request that was answered.
   *
   * @param submitted a moment not after its submit
   * @param complete a moment not before its completion
   * @param seen what was seen of each of its keys
   */
  record Answer(long submitted, long complete, Map<ObjectKey, Seen> seen) {}

  /** The keys that are worked on, what was stored under them so far, and the time. */
  static final class Objects {
    private final List<ObjectKey> keys;
    private final Map<ObjectKey, Map<Integer, List<Integer>>> versions = new LinkedHashMap<>();
    private final Map<ObjectKey, Integer> lastSizes = new LinkedHashMap<>();
    private int lastVersion;
    private long time;

    Objects(List<ObjectKey> keys) {
      this.keys = List.copyOf(keys);
    }

    synchronized long now() {
      return time++;
    }

    private synchronized int newVersion(ObjectKey key, int size) {
      int version = size == 0 ? 0 : ++lastVersion;
      versions
          .computeIfAbsent(key, k -> new LinkedHashMap<>())
          .computeIfAbsent(size, s -> new ArrayList<>())
          .add(version);
      lastSizes.put(key, size);
      return version;
    }

    private synchronized List<Integer> versions(ObjectKey key, int size) {
      return List.copyOf(versions.getOrDefault(key, Map.of()).getOrDefault(size, List.of()));
    }

    private synchronized int lastSize(ObjectKey key) {
      return lastSizes.getOrDefault(key, SIZES[0]);
    }
  }

  private record Ended<R>(long at, R result) {}

  private record Held(LookupLease lease, Map<Integer, ObjectKey> pinned) {}

  private final AdapterUnderTest a;
  private final Random random;
  private final Objects objects;
  private final int batch;
  private final Map<Integer, ArrayDeque<MemoryObject>> spare = new LinkedHashMap<>();
  private final List<Held> leases = new ArrayList<>();

  RandomWork(AdapterUnderTest a, Random random, Objects objects, int batch) {
    this.a = a;
    this.random = random;
    this.objects = objects;
    this.batch = Math.min(Math.min(batch, objects.keys.size()), a.limits().maxKeysPerRequest());
  }

  /** Submits something; what is given waits for its answer. */
  Supplier<Answer> submit() {
    int dice = random.nextInt(100);
    if (dice < 20) {
      return store(StoreMode.IF_ABSENT);
    } else if (dice < 33) {
      return store(StoreMode.REPLACE);
    } else if (dice < 56) {
      return load();
    } else if (dice < 74) {
      return lookup(dice < 67);
    } else if (dice < 88 && !leases.isEmpty()) {
      Answer answer = letGo();
      return () -> answer;
    }
    return delete();
  }

  /** Lets go of every lease that is left. */
  List<Answer> letGoOfAll() {
    List<Answer> answers = new ArrayList<>();
    while (!leases.isEmpty()) {
      answers.add(letGo());
    }
    return answers;
  }

  /** Looks at every key and loads it, to see how it all ended. */
  List<Answer> last() {
    List<Answer> answers = new ArrayList<>();
    for (ObjectKey key : objects.keys) {
      answers.add(lookup(List.of(key), Extent.ALL, false).get());
      for (int size : SIZES) {
        answers.add(load(List.of(key), List.of(size)).get());
      }
    }
    return answers;
  }

  private List<ObjectKey> some() {
    List<ObjectKey> shuffled = new ArrayList<>(objects.keys);
    Collections.shuffle(shuffled, random);
    return shuffled.subList(0, 1 + random.nextInt(batch));
  }

  private int someSize() {
    int dice = random.nextInt(10);
    int size = SIZES[dice == 9 ? 3 : dice / 3];
    return (int) Math.min(size, a.limits().maxObjectBytes());
  }

  private <R> Supplier<Answer> answer(
      String what,
      Function<Void, CompletionStage<R>> submit,
      Function<R, Map<ObjectKey, Seen>> read) {
    long submitted = objects.now();
    CompletionStage<Ended<R>> stage =
        submit.apply(null).thenApply(result -> new Ended<>(objects.now(), result));
    return () -> {
      Ended<R> ended = a.await(what, stage);
      return new Answer(submitted, ended.at, read.apply(ended.result));
    };
  }

  private Supplier<Answer> store(StoreMode mode) {
    List<StoreItem> items = new ArrayList<>();
    List<Integer> versions = new ArrayList<>();
    for (ObjectKey key : some()) {
      int size = someSize();
      int version = objects.newVersion(key, size);
      MemoryObject object = take(size);
      Pattern.fill(object.buffer(), key, version);
      items.add(new StoreItem(key, object));
      versions.add(version);
    }
    return answer(
        "a random store",
        none -> a.adapter().store(new StoreRequest(items, mode, Options.DEFAULT)),
        (StoreResult result) -> {
          Map<ObjectKey, Seen> seen = new LinkedHashMap<>();
          for (int i = 0; i < items.size(); i++) {
            MemoryObject object = items.get(i).object();
            ObjectKey key = items.get(i).key();
            if (mode == StoreMode.REPLACE && a.declines(Feature.REPLACE)) {
              seen.put(key, declined("REPLACE", result.outcome(i), result.error(i)));
            } else {
              assertNoFailure("store", key, result.outcome(i) == StoreOutcome.FAILED, result, i);
              seen.put(
                  key, new Stored(mode, versions.get(i), object.sizeBytes(), result.outcome(i)));
            }
            give(object);
          }
          return seen;
        });
  }

  private static void assertNoFailure(
      String operation, ObjectKey key, boolean failed, Object result, int i) {
    assertThat(failed)
        .as("%s of %s failed, at position %d of %s", operation, key, i, result)
        .isFalse();
  }

  private static Seen declined(String operation, Enum<?> outcome, @Nullable L2Error error) {
    assertThat(outcome.name()).as("outcome of a declined %s", operation).isEqualTo("FAILED");
    Ops.assertError("a declined " + operation, error, L2ErrorCode.DECLINED);
    return new KeyState.Declined(operation);
  }

  private Supplier<Answer> load() {
    List<ObjectKey> keys = some();
    return load(
        keys,
        keys.stream()
            .map(key -> random.nextInt(4) == 0 ? someSize() : objects.lastSize(key))
            .toList());
  }

  private Supplier<Answer> load(List<ObjectKey> keys, List<Integer> sizes) {
    List<MemoryObject> into = new ArrayList<>();
    for (int size : sizes) {
      MemoryObject object = take(size);
      a.memory().poison(object);
      into.add(object);
    }
    return answer(
        "a random load",
        none -> a.adapter().load(Ops.loadOf(keys, into)),
        (LoadResult result) -> {
          Map<ObjectKey, Seen> seen = new LinkedHashMap<>();
          for (int i = 0; i < keys.size(); i++) {
            MemoryObject object = into.get(i);
            int size = object.sizeBytes();
            LoadOutcome outcome = result.outcome(i);
            boolean failed = outcome == LoadOutcome.FAILED || outcome == LoadOutcome.CORRUPT;
            assertNoFailure("load", keys.get(i), failed, result, i);
            int version =
                outcome == LoadOutcome.LOADED
                    ? TestMemory.versionIn(object, keys.get(i), objects.versions(keys.get(i), size))
                    : KeyState.NONE;
            seen.put(keys.get(i), new Loaded(size, outcome, version));
            give(object);
          }
          return seen;
        });
  }

  private Supplier<Answer> lookup(boolean pin) {
    return lookup(some(), random.nextInt(4) == 0 ? Extent.PREFIX : Extent.ALL, pin);
  }

  private Supplier<Answer> lookup(List<ObjectKey> keys, Extent extent, boolean pin) {
    return answer(
        "a random lookup",
        none -> a.adapter().lookup(new LookupRequest(keys, extent, pin, Options.DEFAULT)),
        (LookupLease lease) -> {
          Map<ObjectKey, Seen> seen = new LinkedHashMap<>();
          Map<Integer, ObjectKey> pinned = new TreeMap<>();
          boolean gap = false;
          for (int i = 0; i < keys.size(); i++) {
            assertNoFailure("lookup", keys.get(i), lease.error(i) != null, extent, i);
            boolean hit = lease.hit(i);
            assertThat(hit && gap)
                .as("LOOKUP-2: %s is a hit of a PREFIX lookup behind a miss", keys.get(i))
                .isFalse();
            if (!gap) {
              long size = hit ? lease.get(i).sizeBytes() : KeyState.NONE;
              boolean exact = !hit || lease.get(i).sizeExact();
              seen.put(keys.get(i), new LookedUp(pin, hit, size, exact));
            }
            if (hit && pin) {
              pinned.put(i, keys.get(i));
            }
            gap |= extent == Extent.PREFIX && !hit;
          }
          if (pin) {
            leases.add(new Held(lease, pinned));
          } else {
            lease.close();
          }
          return seen;
        });
  }

  /** Lets go of one key of a lease, or of the whole lease. */
  private Answer letGo() {
    Held held = leases.get(random.nextInt(leases.size()));
    Set<Integer> places = held.pinned.keySet();
    Map<ObjectKey, Seen> seen = new LinkedHashMap<>();
    long submitted = objects.now();
    if (places.size() > 1 && random.nextBoolean()) {
      int place = places.iterator().next();
      held.lease.release(place);
      seen.put(java.util.Objects.requireNonNull(held.pinned.remove(place)), new LetGo());
    } else {
      held.lease.close();
      held.pinned.values().forEach(key -> seen.put(key, new LetGo()));
      leases.remove(held);
    }
    return new Answer(submitted, objects.now(), seen);
  }

  private Supplier<Answer> delete() {
    List<ObjectKey> keys = some();
    return answer(
        "a random delete",
        none -> a.adapter().delete(DeleteRequest.of(keys)),
        (DeleteResult result) -> {
          Map<ObjectKey, Seen> seen = new LinkedHashMap<>();
          for (int i = 0; i < keys.size(); i++) {
            ObjectKey key = keys.get(i);
            if (a.declines(Feature.DELETE)) {
              seen.put(key, declined("DELETE", result.outcome(i), result.error(i)));
            } else {
              assertNoFailure("delete", key, result.outcome(i) == DeleteOutcome.FAILED, result, i);
              seen.put(key, new Deleted(result.outcome(i)));
            }
          }
          return seen;
        });
  }

  private MemoryObject take(int size) {
    MemoryObject object = spare.computeIfAbsent(size, s -> new ArrayDeque<>()).poll();
    return object == null ? a.poisoned(size) : object;
  }

  private void give(MemoryObject object) {
    spare.computeIfAbsent(object.sizeBytes(), s -> new ArrayDeque<>()).add(object);
  }
}

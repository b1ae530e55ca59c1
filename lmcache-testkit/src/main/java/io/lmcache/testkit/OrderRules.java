// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Feature;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.testkit.KeyState.Deleted;
import io.lmcache.testkit.KeyState.Loaded;
import io.lmcache.testkit.KeyState.LookedUp;
import io.lmcache.testkit.KeyState.Seen;
import io.lmcache.testkit.KeyState.Stored;
import io.lmcache.testkit.Linearizability.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What comes after what: one operation after another, several at once, and long sequences. */
abstract class OrderRules {

  private static final int SIZE = 2000;
  private static final List<String> SALTS = List.of("", "tenant-a", "tenant b");

  /**
   * One thread stores and deletes, another one looks right after each stage's completion.
   *
   * <p>If this fails, look at whether a stage completes before its effect is published, and at
   * caches that only the thread or the connection that changed the object knows to be out of date.
   */
  @Test
  @Rule("ORDER-1")
  void anotherThreadSeesWhatIsComplete(AdapterUnderTest a) {
    for (ObjectKey key : a.keys(a.scaled(20))) {
      Ops.mustStore(a, List.of(key), 1, SIZE);
      elsewhere(a, () -> assertThere(a, key, 1, SIZE));
      assertThat(Ops.store(a, key, 2, SIZE / 2))
          .as("ORDER-1: store of %s with another size", key)
          .isEqualTo(StoreOutcome.STORED);
      elsewhere(a, () -> assertThere(a, key, 2, SIZE / 2));
      if (!a.declines(Feature.DELETE)) {
        elsewhere(a, () -> assertPinsHold(a, key));
        assertThat(Ops.delete(a, key))
            .as("ORDER-1: delete of %s, which is there", key)
            .isEqualTo(DeleteOutcome.DELETED);
        elsewhere(a, () -> assertAbsent(a, key));
      }
    }
  }

  private static void elsewhere(AdapterUnderTest a, Runnable check) {
    boolean done =
        Background.start(
                a,
                "observer",
                () -> {
                  check.run();
                  return true;
                })
            .get();
    assertThat(done).as("the observer looked").isTrue();
  }

  private static void assertThere(AdapterUnderTest a, ObjectKey key, int version, int size) {
    assertThat(Ops.isThere(a, key))
        .as("ORDER-1: whether %s is found after its store", key)
        .isTrue();
    Ops.mustLoad(a, key, version, size);
    if (!a.declines(Feature.LIST)) {
      assertThat(Ops.list(a, 1000)).as("ORDER-1: a listing after the store").containsKey(key);
    }
  }

  private static void assertPinsHold(AdapterUnderTest a, ObjectKey key) {
    try (LookupLease lease = Ops.pin(a, List.of(key))) {
      assertThat(lease.hit(0)).as("ORDER-1: whether %s is found", key).isTrue();
      assertThat(Ops.delete(a, key))
          .as("ORDER-1: delete of %s after a lookup that pinned it", key)
          .isEqualTo(DeleteOutcome.PINNED);
    }
  }

  private static void assertAbsent(AdapterUnderTest a, ObjectKey key) {
    assertThat(Ops.isThere(a, key))
        .as("ORDER-1: whether %s is found after its delete", key)
        .isFalse();
    assertThat(Ops.load(a, key, a.poisoned(SIZE / 2)))
        .as("ORDER-1: load of %s after its delete", key)
        .isEqualTo(LoadOutcome.NOT_FOUND);
    assertThat(Ops.delete(a, key))
        .as("ORDER-1: second delete of %s", key)
        .isEqualTo(DeleteOutcome.ABSENT);
    if (!a.declines(Feature.LIST)) {
      assertThat(Ops.list(a, 1000)).as("ORDER-1: a listing after").doesNotContainKey(key);
    }
  }

  /**
   * What is chained to a store loads and looks at once, and what is chained to a delete too: no
   * operation comes sooner after a completion.
   *
   * <p>If this fails, look at what still happens after the stage is completed: publishing, counting
   * and giving up places must come before it.
   */
  @Test
  @Rule("ORDER-1")
  void whatIsChainedSeesTheEffect(AdapterUnderTest a) {
    for (ObjectKey key : a.keys(a.scaled(50))) {
      MemoryObject into = a.poisoned(SIZE);
      CompletionStage<LoadOutcome> load =
          a.adapter()
              .store(Ops.storeOf(a, key, 3, SIZE))
              .thenCompose(stored -> a.adapter().load(Ops.loadOf(List.of(key), List.of(into))))
              .thenApply(result -> result.outcome(0));
      assertThat(a.await("a load chained to a store of " + key, load))
          .as("ORDER-1: load of %s chained to its store", key)
          .isEqualTo(LoadOutcome.LOADED);
      TestMemory.assertHolds(into, key, 3);
      if (!a.declines(Feature.DELETE)) {
        CompletionStage<LookupLease> lookup =
            a.adapter()
                .delete(DeleteRequest.of(List.of(key)))
                .thenCompose(deleted -> a.adapter().lookup(LookupRequest.of(List.of(key))));
        try (LookupLease lease = a.await("a lookup chained to a delete of " + key, lookup)) {
          assertThat(lease.hit(0))
              .as("ORDER-1: whether a lookup chained to the delete of %s finds it", key)
              .isFalse();
        }
      }
    }
  }

  /**
   * Four threads do random things with three keys, several at once, in short rounds. For each key
   * there must be an order in which every answer is right, each operation between its submit and
   * its completion.
   *
   * <p>If this fails, look at operations on one key that are not one step: an object that is
   * neither there nor not while it is replaced, a delete that looks for pins before it has the key
   * to itself, a size from one object and bytes from another. The failure lists the history.
   */
  @Test
  @Rule("ORDER-2")
  void operationsTakeEffectOneAfterTheOther(AdapterUnderTest a) {
    int rounds = Math.max(3, a.scaled(12));
    Map<String, Integer> seen = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      RandomWork.Objects objects = new RandomWork.Objects(a.keys(3 * round, 3));
      String where = "seed " + a.seed() + ", round " + round;
      List<List<Map.Entry<ObjectKey, Operation>>> histories =
          Background.together(
              a,
              4,
              "rival",
              i -> history(a, a.random(where + " thread " + i), objects, "thread " + i));
      Map<ObjectKey, List<Operation>> byKey = new HashMap<>();
      histories.stream()
          .flatMap(List::stream)
          .forEach(
              e -> byKey.computeIfAbsent(e.getKey(), k -> new ArrayList<>()).add(e.getValue()));
      for (RandomWork.Answer answer : new RandomWork(a, a.random(where), objects, 1).last()) {
        operations("at the end", answer)
            .forEach(
                e -> byKey.computeIfAbsent(e.getKey(), k -> new ArrayList<>()).add(e.getValue()));
      }
      byKey.forEach((key, history) -> Linearizability.assertHolds(where + ", " + key, history));
      byKey.values().forEach(h -> h.forEach(o -> seen.merge(kind(o.seen()), 1, Integer::sum)));
    }
    assertThat(seen)
        .as("ORDER-2: kinds of answers in %d rounds, seed %d", rounds, a.seed())
        .containsKeys("STORED", "LOADED", "NOT_FOUND", "hit", "miss");
  }

  private static List<Map.Entry<ObjectKey, Operation>> history(
      AdapterUnderTest a, Random random, RandomWork.Objects objects, String who) {
    List<Map.Entry<ObjectKey, Operation>> history = new ArrayList<>();
    RandomWork work = new RandomWork(a, random, objects, 3);
    ArrayDeque<Supplier<RandomWork.Answer>> underWay = new ArrayDeque<>();
    for (int i = 0; i < 12; i++) {
      underWay.add(work.submit());
      while (underWay.size() > random.nextInt(3)) {
        history.addAll(operations(who, underWay.remove().get()));
      }
    }
    underWay.forEach(answer -> history.addAll(operations(who, answer.get())));
    work.letGoOfAll().forEach(answer -> history.addAll(operations(who, answer)));
    return history;
  }

  private static List<Map.Entry<ObjectKey, Operation>> operations(
      String who, RandomWork.Answer answer) {
    return answer.seen().entrySet().stream()
        .map(
            e ->
                Map.entry(
                    e.getKey(),
                    new Operation(who, answer.submitted(), answer.complete(), e.getValue())))
        .toList();
  }

  /** The answer in one word. */
  private static String kind(Seen seen) {
    if (seen instanceof Stored store) {
      return store.outcome().name();
    } else if (seen instanceof Loaded load) {
      return load.outcome().name();
    } else if (seen instanceof Deleted delete) {
      return delete.outcome().name();
    } else if (seen instanceof LookedUp lookup) {
      return lookup.hit() ? "hit" : "miss";
    }
    return seen.getClass().getSimpleName();
  }

  /**
   * One thread does hundreds of random things with twelve keys of three salts, one request after
   * the other. Each answer is compared with what a plain map says, and now and then a listing and
   * the usage are.
   *
   * <p>If this fails, run it again with the seed of the failure and look at the operations before
   * its step: it is a state that the adapter keeps beside the objects (an index, a count, a pin)
   * and that one of them did not change.
   */
  @Test
  @Rule("ORDER-3")
  void aSequenceLeavesWhatItSays(AdapterUnderTest a) {
    int steps = Math.max(300, a.scaled(600));
    List<ObjectKey> keys = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      keys.add(a.key(i, SALTS.get(i % SALTS.size())));
    }
    AdapterUsage before = Settled.usage(a);
    Map<ObjectKey, KeyState> states = new HashMap<>();
    keys.forEach(key -> states.put(key, KeyState.ABSENT));
    Map<String, Integer> seen = new TreeMap<>();
    RandomWork work = new RandomWork(a, a.random("ORDER-3"), new RandomWork.Objects(keys), 8);
    for (int step = 0; step < steps; step++) {
      String where = "seed " + a.seed() + ", step " + step;
      apply(where, states, work.submit().get(), seen);
      if (step % 10 == 9) {
        assertUsage(a, where, before, states);
      }
      if (step % 30 == 29 && !a.declines(Feature.LIST)) {
        assertListing(a, where, states);
      }
    }
    work.letGoOfAll().forEach(answer -> apply("at the end", states, answer, seen));
    work.last().forEach(answer -> apply("at the end", states, answer, seen));
    assertUsage(a, "at the end", before, states);
    List<String> expected = new ArrayList<>(List.of("STORED", "ALREADY_PRESENT", "LOADED"));
    expected.addAll(List.of("NOT_FOUND", "SIZE_MISMATCH", "hit", "miss", "LetGo"));
    expected.addAll(
        a.declines(Feature.DELETE) ? List.of("Declined") : List.of("DELETED", "ABSENT", "PINNED"));
    assertThat(seen.keySet())
        .as("ORDER-3: kinds of answers in %d steps, seed %d", steps, a.seed())
        .containsAll(expected);
  }

  private static void apply(
      String where,
      Map<ObjectKey, KeyState> states,
      RandomWork.Answer answer,
      Map<String, Integer> kinds) {
    answer
        .seen()
        .forEach(
            (key, seen) -> {
              KeyState state = states.getOrDefault(key, KeyState.ABSENT);
              KeyState after = state.after(seen);
              if (after == null) {
                fail("ORDER-3: %s: %s was %s, and then %s", where, key, state, seen);
              } else {
                states.put(key, after);
              }
              kinds.merge(kind(seen), 1, Integer::sum);
            });
  }

  private static void assertUsage(
      AdapterUnderTest a, String where, AdapterUsage before, Map<ObjectKey, KeyState> states) {
    AdapterUsage now = a.adapter().usage();
    long objects = states.values().stream().filter(KeyState::present).count();
    assertThat(now.storedObjects() - before.storedObjects())
        .as("ORDER-3: %s: objects that usage() counts", where)
        .isEqualTo(objects);
    long all = 0;
    for (String salt : SALTS) {
      long bytes =
          states.entrySet().stream()
              .filter(e -> e.getValue().present() && e.getKey().cacheSalt().equals(salt))
              .mapToLong(e -> e.getValue().size())
              .sum();
      long counted =
          now.bytesBySalt().getOrDefault(salt, 0L) - before.bytesBySalt().getOrDefault(salt, 0L);
      assertThat(counted)
          .as("ORDER-3: %s: bytes that usage() counts for the salt \"%s\"", where, salt)
          .isEqualTo(bytes);
      all += bytes;
    }
    assertThat(now.storedBytes() - before.storedBytes())
        .as("ORDER-3: %s: bytes that usage() counts", where)
        .isEqualTo(all);
    assertThat(a.adapter().status().pinnedKeys())
        .as("ORDER-3: %s: pinned keys that status() says", where)
        .isEqualTo((int) states.values().stream().filter(state -> state.pins() > 0).count());
  }

  private static void assertListing(
      AdapterUnderTest a, String where, Map<ObjectKey, KeyState> states) {
    Map<ObjectKey, Long> expected = new HashMap<>();
    states.forEach(
        (key, state) -> {
          if (state.present()) {
            expected.put(key, (long) state.size());
          }
        });
    assertThat(Ops.list(a, 5)).as("ORDER-3: %s: a listing", where).isEqualTo(expected);
  }
}

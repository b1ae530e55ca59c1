// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Many at the same time: on keys of their own, and on one key. */
abstract class ConcurrencyRules {

  private static final int SESSIONS = 16;
  private static final int OBJECTS = 24;
  private static final int RIVALS = 8;

  /**
   * Sixteen sessions store objects of many sizes at the same time, each loading one batch while the
   * next is being stored; then all load everything again at once. Every byte is compared.
   *
   * <p>If this fails, look at what requests share: a buffer, a position, a path for temporary
   * files, an index into a batch, a connection whose answers are matched to the wrong question.
   */
  @Test
  @Rule("CONC-1")
  void sessionsGetTheirOwnBytes(AdapterUnderTest a) {
    List<Integer> first =
        Background.together(a, SESSIONS, "session", session -> storeAndLoad(a, session));
    List<Integer> second =
        Background.together(
            a,
            SESSIONS,
            "reader",
            session -> load(a, session, List.of(a.keys(session * OBJECTS, OBJECTS))));
    assertThat(first.stream().mapToInt(Integer::intValue).sum())
        .as("CONC-1: objects loaded while others were stored")
        .isEqualTo(SESSIONS * OBJECTS);
    assertThat(second.stream().mapToInt(Integer::intValue).sum())
        .as("CONC-1: objects loaded when all were stored")
        .isEqualTo(SESSIONS * OBJECTS);
  }

  private static int storeAndLoad(AdapterUnderTest a, int session) {
    int loaded = 0;
    List<List<ObjectKey>> batches = batches(a, a.keys(session * OBJECTS, OBJECTS), 8);
    for (int i = 0; i <= batches.size(); i++) {
      List<ObjectKey> storing = i < batches.size() ? batches.get(i) : List.of();
      var stage = storing.isEmpty() ? null : a.adapter().store(storeOf(a, storing));
      loaded += i == 0 ? 0 : load(a, session, List.of(batches.get(i - 1)));
      if (stage != null) {
        StoreResult result = a.await("a store of session " + session, stage);
        for (int k = 0; k < storing.size(); k++) {
          assertThat(result.outcome(k))
              .as("CONC-1: store of %s; error %s", storing.get(k), result.error(k))
              .isEqualTo(StoreOutcome.STORED);
        }
      }
    }
    return loaded;
  }

  private static int load(AdapterUnderTest a, int session, List<List<ObjectKey>> wanted) {
    int loaded = 0;
    for (List<ObjectKey> keys : wanted.stream().flatMap(w -> batches(a, w, 24).stream()).toList()) {
      List<LoadItem> items =
          keys.stream().map(key -> LoadItem.of(key, a.poisoned(sizeOf(a, key)))).toList();
      LoadResult result =
          a.await("a load of session " + session, a.adapter().load(LoadRequest.of(items)));
      for (int k = 0; k < keys.size(); k++) {
        assertThat(result.outcome(k))
            .as("CONC-1: load of %s; error %s", keys.get(k), result.error(k))
            .isEqualTo(LoadOutcome.LOADED);
        TestMemory.assertHolds(items.get(k).object(), keys.get(k), session);
        loaded++;
      }
    }
    return loaded;
  }

  private static StoreRequest storeOf(AdapterUnderTest a, List<ObjectKey> keys) {
    return StoreRequest.of(
        keys.stream()
            .map(key -> new StoreItem(key, a.filled(key, number(key) / OBJECTS, sizeOf(a, key))))
            .toList());
  }

  /** Sizes that differ from key to key, with and without a remainder by a page. */
  private static int sizeOf(AdapterUnderTest a, ObjectKey key) {
    int number = number(key);
    int size = number % 5 == 0 ? 4096 * (1 + number % 4) : 1 + number * 53;
    return (int) Math.min(size, a.limits().maxObjectBytes());
  }

  private static int number(ObjectKey key) {
    return ByteBuffer.wrap(key.chunkHash()).getInt(12);
  }

  private static List<List<ObjectKey>> batches(AdapterUnderTest a, List<ObjectKey> keys, int wish) {
    int size = Math.min(wish, a.limits().maxKeysPerRequest());
    List<List<ObjectKey>> batches = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += size) {
      batches.add(keys.subList(from, Math.min(from + size, keys.size())));
    }
    return batches;
  }

  /**
   * Eight threads store the same object under the same key at once: one is told STORED, the others
   * that it is there; it is counted and heard of once.
   *
   * <p>If this fails, look at the moment between looking whether an object is there and publishing
   * it: two stores of one key must not both come through it, and usage and events belong to the one
   * that published.
   */
  @Test
  @Rule("CONC-2")
  void ofEqualStoresAtOnceOneStores(AdapterUnderTest a) {
    int size = 3000;
    for (ObjectKey key : a.keys(a.scaled(20))) {
      AdapterUsage before = Settled.usage(a);
      List<StoreOutcome> outcomes =
          Background.together(
              a, RIVALS, "rival", i -> store(a, key, 7, size, StoreMode.IF_ABSENT).outcome(0));
      assertThat(Collections.frequency(outcomes, StoreOutcome.STORED))
          .as("CONC-2: how many of %d equal stores of %s were STORED: %s", RIVALS, key, outcomes)
          .isEqualTo(1);
      assertThat(Collections.frequency(outcomes, StoreOutcome.ALREADY_PRESENT))
          .as("CONC-2: how many of %d equal stores of %s found it there", RIVALS, key)
          .isEqualTo(RIVALS - 1);
      Ops.mustLoad(a, key, 7, size);
      assertGrown(a, before, key, size);
      a.awaitEvents();
      assertThat(a.events().summaries(key).stream().filter(e -> !e.startsWith("ACCESSED")))
          .as("CONC-2: events of %s", key)
          .containsExactly("STORED " + size);
    }
  }

  /**
   * With the storage held, two equal stores of each of fifty keys are submitted; when it goes on,
   * of each two one is STORED and the other finds it there.
   *
   * <p>If this fails, look at whether the second store of a key asks what is there only after the
   * first has ended, also when both were accepted before the storage answered.
   */
  @Test
  @Rule("CONC-2")
  void ofEqualStoresThatWaitedOneStores(AdapterUnderTest a) {
    int size = 3000;
    List<ObjectKey> keys = a.keys(50);
    AdapterUsage before = Settled.usage(a);
    Stall stall = a.stall();
    stall.hold();
    List<CompletionStage<StoreResult>> stages = new ArrayList<>();
    for (int i = 0; i < 2 * keys.size(); i++) {
      stages.add(a.adapter().store(Ops.storeOf(a, keys.get(i / 2), 7, size)));
    }
    a.await("an operation inside of the held storage", () -> stall.held() > 0);
    stall.release();
    for (int i = 0; i < keys.size(); i++) {
      StoreOutcome one = a.await("a store of " + keys.get(i), stages.get(2 * i)).outcome(0);
      StoreOutcome other = a.await("its rival", stages.get(2 * i + 1)).outcome(0);
      assertThat(List.of(one, other))
          .as("CONC-2: outcomes of two equal stores of %s that waited", keys.get(i))
          .containsExactlyInAnyOrder(StoreOutcome.STORED, StoreOutcome.ALREADY_PRESENT);
    }
    AdapterUsage now = a.adapter().usage();
    assertThat(now.storedBytes() - before.storedBytes())
        .as("CONC-2: bytes that usage() counts for %d keys, each stored twice", keys.size())
        .isEqualTo((long) size * keys.size());
    a.awaitEvents();
    for (ObjectKey key : keys) {
      Ops.mustLoad(a, key, 7, size);
      assertThat(a.events().summaries(key).stream().filter(e -> !e.startsWith("ACCESSED")))
          .as("CONC-2: events of %s", key)
          .containsExactly("STORED " + size);
    }
  }

  /**
   * Eight threads replace one key at once by objects of different sizes: all are STORED, one of
   * them is there afterwards, whole, and usage and events say that one.
   *
   * <p>If this fails, look at whether each writer has a temporary file of its own, and at whether
   * the size that is counted is changed in the same step in which the object is published.
   */
  @Test
  @Rule("CONC-2")
  void ofReplacementsAtOnceOneStaysWhole(AdapterUnderTest a) {
    for (ObjectKey key : a.keys(a.scaled(12))) {
      if (a.declines(Feature.REPLACE)) {
        StoreResult result = store(a, key, 1, 100, StoreMode.REPLACE);
        assertThat(result.outcome(0)).as("store of %s", key).isEqualTo(StoreOutcome.FAILED);
        Ops.assertError("a REPLACE of " + key, result.error(0), L2ErrorCode.DECLINED);
        assertThat(Ops.isThere(a, key)).as("whether %s is there after it", key).isFalse();
      } else {
        replaceAtOnce(a, key, StoreMode.REPLACE);
      }
    }
  }

  /**
   * The same with stores that say IF_ABSENT: an object of another size is no reason to leave the
   * key alone, so all of them are STORED.
   *
   * <p>If this fails, look at how IF_ABSENT compares sizes while others write the same key.
   */
  @Test
  @Rule("CONC-2")
  void ofStoresOfDifferentSizesAtOnceOneStaysWhole(AdapterUnderTest a) {
    for (ObjectKey key : a.keys(a.scaled(12))) {
      replaceAtOnce(a, key, StoreMode.IF_ABSENT);
    }
  }

  private static void replaceAtOnce(AdapterUnderTest a, ObjectKey key, StoreMode mode) {
    AdapterUsage before = Settled.usage(a);
    List<StoreOutcome> outcomes =
        Background.together(
            a, RIVALS, "rival", i -> store(a, key, i, sizeOfRival(i), mode).outcome(0));
    assertThat(Set.copyOf(outcomes))
        .as("CONC-2: outcomes of %d %s stores of %s with different sizes", RIVALS, mode, key)
        .containsExactly(StoreOutcome.STORED);
    int size = sizeOfRival(winner(a, key));
    assertGrown(a, before, key, size);
    a.awaitEvents();
    List<String> changes =
        a.events().summaries(key).stream().filter(e -> !e.startsWith("ACCESSED")).toList();
    assertThat(changes).as("CONC-2: events of %s", key).hasSize(2 * RIVALS - 1);
    for (int i = 2; i < changes.size(); i += 2) {
      assertThat(changes.get(i - 1))
          .as("CONC-2: what was replaced, of %s in %s", key, changes)
          .isEqualTo(changes.get(i - 2).replace("STORED", "REMOVED(REPLACED)"));
    }
    assertThat(changes.get(changes.size() - 1))
        .as("CONC-2: what was stored last, of %s in %s", key, changes)
        .isEqualTo("STORED " + size);
  }

  /** Whose object is there, whole; all others differ from it in size. */
  private static int winner(AdapterUnderTest a, ObjectKey key) {
    List<Integer> winners = new ArrayList<>();
    for (int i = 0; i < RIVALS; i++) {
      MemoryObject into = a.poisoned(sizeOfRival(i));
      LoadOutcome outcome = Ops.load(a, key, into);
      if (outcome == LoadOutcome.LOADED) {
        TestMemory.assertHolds(into, key, i);
        winners.add(i);
      } else {
        assertThat(outcome)
            .as("CONC-2: load of %s, which has another size than %d bytes", key, into.sizeBytes())
            .isEqualTo(LoadOutcome.SIZE_MISMATCH);
      }
    }
    assertThat(winners).as("CONC-2: which of %d objects is %s", RIVALS, key).hasSize(1);
    return winners.get(0);
  }

  private static int sizeOfRival(int rival) {
    return 1000 + 1001 * rival;
  }

  private static StoreResult store(
      AdapterUnderTest a, ObjectKey key, int version, int size, StoreMode mode) {
    MemoryObject object = a.filled(key, version, size);
    return Ops.store(
        a, new StoreRequest(List.of(new StoreItem(key, object)), mode, Options.DEFAULT));
  }

  private static void assertGrown(
      AdapterUnderTest a, AdapterUsage before, ObjectKey key, long size) {
    AdapterUsage now = a.adapter().usage();
    assertThat(now.storedBytes() - before.storedBytes())
        .as("CONC-2: bytes that usage() counts for %s", key)
        .isEqualTo(size);
    assertThat(now.storedObjects() - before.storedObjects())
        .as("CONC-2: objects that usage() counts for %s", key)
        .isEqualTo(1);
  }
}

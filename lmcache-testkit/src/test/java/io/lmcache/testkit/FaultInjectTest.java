// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Each fault by its effect, around {@code memory}. */
final class FaultInjectTest {

  private static final int KEYS = 64;
  private static final int SIZE = 500;
  private static final AdapterSpec INNER =
      AdapterSpec.of("memory", new MemoryAdapterFactory.Config(2, 0));
  private static final FaultInjectConfig NONE = FaultInjectConfig.none(INNER);

  @TempDir Path directory;
  private final List<AdapterUnderTest> opened = new ArrayList<>();
  private CleanUp cleanUp = new CleanUp(Path.of("/"), Duration.ofSeconds(60));

  private AdapterUnderTest open(FaultInjectConfig config) throws Exception {
    L2AdapterContract contract =
        new L2AdapterContract() {
          @Override
          protected AdapterSpec spec(Path storage) {
            return AdapterSpec.of("fault_inject", config);
          }

          @Override
          protected Set<Feature> declines() {
            return Set.of(Feature.PERSISTENCE);
          }
        };
    cleanUp = new CleanUp(directory, Duration.ofSeconds(60));
    AdapterUnderTest a =
        new AdapterUnderTest(
            contract, new Settings(Duration.ofSeconds(60), 1, 1), directory, "faults");
    opened.add(a);
    return a;
  }

  /** No method, whose thread, if it has one of its own, would be found. */
  @RegisterExtension
  final AfterEachCallback nothingIsLeft =
      test -> assertThat(cleanUp.check(opened)).as("what is left").isEmpty();

  private static FaultInjectingL2Adapter faulty(AdapterUnderTest a) {
    return (FaultInjectingL2Adapter) a.raw();
  }

  private static FaultInjectConfig loads(double rate, List<Integer> gaps, List<Double> ratios) {
    return new FaultInjectConfig(INNER, rate, 7, gaps, ratios, 0, 0, 0, 0, 0, 0, 0);
  }

  private static FaultInjectConfig rates(
      double store, double lookup, double delete, double corrupt, double thrown) {
    return new FaultInjectConfig(
        INNER, 0, 7, List.of(), List.of(), store, lookup, delete, 0, 0, corrupt, thrown);
  }

  private static FaultInjectConfig held(int latencyMs, int hangEvery) {
    return new FaultInjectConfig(
        INNER, 0, 7, List.of(), List.of(), 0, 0, 0, latencyMs, hangEvery, 0, 0);
  }

  private static LoadResult loadAll(AdapterUnderTest a) {
    return Ops.load(a, a.keys(KEYS), Ops.poisoned(a, KEYS, SIZE));
  }

  private static <O extends Enum<O>> List<ObjectKey> with(
      O outcome, List<ObjectKey> keys, List<KeyResult<O>> results) {
    List<ObjectKey> found = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (results.get(i).outcome() == outcome) {
        found.add(keys.get(i));
      }
    }
    return found;
  }

  /** The keys that a fault chooses: some, but not all, or the test shows nothing. */
  private static List<ObjectKey> chosen(AdapterUnderTest a, Predicate<ObjectKey> fault) {
    List<ObjectKey> chosen = a.keys(KEYS).stream().filter(fault).toList();
    assertThat(chosen).hasSizeBetween(8, KEYS - 8);
    return chosen;
  }

  private static void assertInjected(AdapterUnderTest a, int times) {
    assertThat(a.raw().status().details()).containsEntry("faults_injected", "" + times);
  }

  @Test
  void withoutFaultsNothingIsChanged() throws Exception {
    AdapterUnderTest a = open(NONE);
    Ops.mustStore(a, a.keys(KEYS), 1, SIZE);
    assertThat(loadAll(a).count(LoadOutcome.LOADED)).isEqualTo(KEYS);
    assertThat(Ops.delete(a, a.keys(KEYS)).count(DeleteOutcome.DELETED)).isEqualTo(KEYS);
    assertInjected(a, 0);
  }

  @Test
  void rateFailsTheLoadsOfItsKeysAlways() throws Exception {
    FaultInjectConfig config = loads(0.3, List.of(), List.of());
    AdapterUnderTest a = open(config);
    Ops.mustStore(a, a.keys(KEYS), 1, SIZE);
    List<ObjectKey> chosen = chosen(a, new Faults(config)::failsToLoad);
    for (int round = 0; round < 2; round++) {
      LoadResult result = loadAll(a);
      assertThat(with(LoadOutcome.FAILED, a.keys(KEYS), result.keys())).isEqualTo(chosen);
      assertThat(result.count(LoadOutcome.LOADED)).isEqualTo(KEYS - chosen.size());
      int first = a.keys(KEYS).indexOf(chosen.get(0));
      Ops.assertError("the first of them", result.error(first), L2ErrorCode.IO);
      assertThat(String.valueOf(result.error(first)))
          .contains("INJECTED", "rate", chosen.get(0).toString());
    }
    assertThat(Ops.hits(a, a.keys(KEYS))).as("lookups are not faulted").doesNotContain(false);
    assertInjected(a, 2 * chosen.size());
  }

  @Test
  void gapsFailPositionsWhateverTheKeys() throws Exception {
    AdapterUnderTest a = open(loads(0, List.of(1, 500), List.of(0.0, 0.5)));
    Ops.mustStore(a, a.keys(KEYS), 1, SIZE);
    LoadResult result = loadAll(a);
    assertThat(with(LoadOutcome.FAILED, a.keys(KEYS), result.keys()))
        .containsExactly(a.key(1), a.key(32), a.key(63));
    LoadResult three = Ops.load(a, a.keys(10, 3), Ops.poisoned(a, 3, SIZE));
    assertThat(three.outcome(0)).isEqualTo(LoadOutcome.LOADED);
    assertThat(three.outcome(1)).isEqualTo(LoadOutcome.FAILED);
    assertThat(three.outcome(2)).isEqualTo(LoadOutcome.FAILED);
  }

  @Test
  void whatIsNotThereIsNoFault() throws Exception {
    AdapterUnderTest a = open(loads(1, List.of(0), List.of()));
    assertThat(loadAll(a).count(LoadOutcome.NOT_FOUND)).isEqualTo(KEYS);
    assertInjected(a, 0);
  }

  @Test
  void failedStoresNeverReachTheInnerAdapter() throws Exception {
    FaultInjectConfig config = rates(0.4, 0, 0, 0, 0);
    AdapterUnderTest a = open(config);
    List<ObjectKey> chosen = chosen(a, new Faults(config)::failsToStore);
    List<ObjectKey> keys = a.keys(KEYS);
    StoreResult result = Ops.store(a, Ops.storeOf(a, keys, 1, SIZE, StoreMode.IF_ABSENT));
    assertThat(with(StoreOutcome.FAILED, keys, result.keys())).isEqualTo(chosen);
    List<Boolean> hits = Ops.hits(a, keys);
    for (int i = 0; i < KEYS; i++) {
      assertThat(hits.get(i))
          .as("%s is there", keys.get(i))
          .isEqualTo(!chosen.contains(keys.get(i)));
    }
    for (ObjectKey key : keys) {
      if (!chosen.contains(key)) {
        Ops.mustLoad(a, key, 1, SIZE);
      }
    }
    assertThat(a.raw().usage().storedObjects()).isEqualTo(KEYS - chosen.size());
    assertThat(Ops.store(a, chosen.get(0), 1, SIZE)).isEqualTo(StoreOutcome.FAILED);
    assertInjected(a, chosen.size() + 1);
  }

  @Test
  void failedLookupsAreErrorsAndEndAPrefix() throws Exception {
    FaultInjectConfig config = rates(0, 0.3, 0, 0, 0);
    AdapterUnderTest a = open(config);
    List<ObjectKey> chosen = chosen(a, new Faults(config)::failsToLookUp);
    List<ObjectKey> keys = a.keys(KEYS);
    Ops.mustStore(a, keys, 1, SIZE);
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, true)) {
      for (int i = 0; i < KEYS; i++) {
        boolean faulted = chosen.contains(keys.get(i));
        assertThat(lease.hit(i)).as("%s is a hit", keys.get(i)).isEqualTo(!faulted);
        assertThat(lease.error(i) != null).as("%s has an error", keys.get(i)).isEqualTo(faulted);
      }
      assertThat(a.raw().status().pinnedKeys()).isEqualTo(KEYS - chosen.size());
      int first = keys.indexOf(chosen.get(0));
      assertThatThrownBy(() -> lease.get(first)).isInstanceOf(IllegalArgumentException.class);
      lease.release(first);
    }
    int first = keys.indexOf(chosen.get(0));
    try (LookupLease lease = Ops.lookup(a, keys, Extent.PREFIX, true)) {
      for (int i = 0; i < KEYS; i++) {
        assertThat(lease.hit(i)).as("%s is a hit", keys.get(i)).isEqualTo(i < first);
      }
      assertThat(a.raw().status().pinnedKeys()).isEqualTo(first);
    }
    try (LookupLease lease = Ops.lookup(a, chosen, Extent.ALL, true)) {
      assertThat(lease.size()).isEqualTo(chosen.size());
      Ops.assertError("a lookup that failed", lease.error(0), L2ErrorCode.IO);
    }
  }

  @Test
  void failedDeletesLeaveTheObject() throws Exception {
    FaultInjectConfig config = rates(0, 0, 0.4, 0, 0);
    AdapterUnderTest a = open(config);
    List<ObjectKey> chosen = chosen(a, new Faults(config)::failsToDelete);
    List<ObjectKey> keys = a.keys(KEYS);
    Ops.mustStore(a, keys, 1, SIZE);
    assertThat(with(DeleteOutcome.FAILED, keys, Ops.delete(a, keys).keys())).isEqualTo(chosen);
    chosen.forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
    assertThat(a.raw().usage().storedObjects()).isEqualTo(chosen.size());
    assertThat(Ops.delete(a, chosen.get(0))).isEqualTo(DeleteOutcome.FAILED);
  }

  @Test
  void corruptLoadsHaveOneWrongBitAlwaysTheSame() throws Exception {
    FaultInjectConfig config = rates(0, 0, 0, 0.4, 0);
    AdapterUnderTest a = open(config);
    List<ObjectKey> chosen = chosen(a, new Faults(config)::isCorrupted);
    Ops.mustStore(a, a.keys(KEYS), 1, SIZE);
    for (ObjectKey key : a.keys(KEYS)) {
      MemoryObject first = a.poisoned(SIZE);
      MemoryObject second = a.poisoned(SIZE);
      assertThat(Ops.load(a, key, first)).isEqualTo(LoadOutcome.LOADED);
      assertThat(Ops.load(a, key, second)).isEqualTo(LoadOutcome.LOADED);
      assertThat(first.buffer()).as("twice the same of %s", key).isEqualTo(second.buffer());
      int wrongBits = 0;
      for (int i = 0; i < SIZE; i++) {
        wrongBits += Integer.bitCount((first.buffer().get(i) ^ Pattern.at(key, 1, i)) & 0xff);
      }
      assertThat(wrongBits).as("wrong bits of %s", key).isEqualTo(chosen.contains(key) ? 1 : 0);
    }
    Ops.mustStore(a, List.of(a.key(1000)), 1, 0);
    Ops.mustLoad(a, a.key(1000), 1, 0);
  }

  @Test
  void throwingIsForTheWholeRequestAndLendsNothing() throws Exception {
    FaultInjectConfig config = rates(0, 0, 0, 0, 0.3);
    AdapterUnderTest a = open(config);
    List<ObjectKey> chosen = chosen(a, new Faults(config)::throwsAtSubmit);
    List<ObjectKey> others = a.keys(KEYS).stream().filter(k -> !chosen.contains(k)).toList();
    Ops.mustStore(a, others, 1, SIZE);
    List<ObjectKey> mixed = List.of(others.get(0), chosen.get(0));
    assertThatThrownBy(() -> Ops.load(a, mixed, Ops.poisoned(a, 2, SIZE)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(chosen.get(0).toString());
    assertThatThrownBy(() -> Ops.store(a, chosen.get(0), 1, SIZE))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Ops.pin(a, mixed)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Ops.delete(a, mixed)).isInstanceOf(IllegalStateException.class);
    assertThat(a.raw().loans()).isZero();
    assertThat(a.raw().usage().storedObjects()).isEqualTo(others.size());
  }

  @Test
  void latencyHoldsRequestsAndACloseBeginsThemAtOnce() throws Exception {
    AdapterUnderTest a = open(held(3_600_000, 0));
    CompletionStage<StoreResult> stage = a.adapter().store(Ops.storeOf(a, a.key(0), 1, SIZE));
    assertThat(stage.toCompletableFuture().isDone()).isFalse();
    assertThat(a.raw().loans()).isEqualTo(1);
    CloseReport report = a.close();
    assertThat(a.await("the delayed store", stage).outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(report.failed()).isZero();
    assertThat(a.raw().loans()).isZero();
  }

  @Test
  void everyThirdRequestHangsUntilItIsReleased() throws Exception {
    AdapterUnderTest a = open(held(0, 3));
    Ops.mustStore(a, List.of(a.key(0)), 1, SIZE);
    Ops.mustStore(a, List.of(a.key(1)), 1, SIZE);
    MemoryObject into = a.poisoned(SIZE);
    CompletionStage<LoadResult> hung =
        a.adapter().load(Ops.loadOf(List.of(a.key(0)), List.of(into)));
    assertThat(faulty(a).hanging()).isEqualTo(1);
    assertThat(hung.toCompletableFuture().isDone()).isFalse();
    assertThat(a.raw().loans()).isEqualTo(1);
    TestMemory.assertPoisoned(into, "a load that hangs");
    Ops.mustLoad(a, a.key(1), 1, SIZE);
    faulty(a).release();
    assertThat(a.await("the load that hung", hung).outcome(0)).isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(into, a.key(0), 1);
    assertThat(faulty(a).hanging()).isZero();
    assertThat(a.raw().loans()).isZero();
  }

  @Test
  void aCloseFailsWhatHangs() throws Exception {
    AdapterUnderTest a = open(held(0, 1));
    CompletionStage<StoreResult> store =
        a.adapter().store(Ops.storeOf(a, a.keys(3), 1, SIZE, StoreMode.REPLACE));
    MemoryObject into = a.poisoned(SIZE);
    CompletionStage<LoadResult> load =
        a.adapter().load(Ops.loadOf(List.of(a.key(0)), List.of(into)));
    assertThat(faulty(a).hanging()).isEqualTo(2);
    assertThat(a.raw().usage().inFlightBytes()).isEqualTo(3L * SIZE);
    assertThat(a.close().failed()).as("keys that failed").isEqualTo(4);
    StoreResult stored = a.await("the store that hung", store);
    assertThat(stored.count(StoreOutcome.FAILED)).isEqualTo(3);
    Ops.assertError("a store that hung", stored.error(0), L2ErrorCode.CLOSED);
    Ops.assertError(
        "a load that hung", a.await("the load that hung", load).error(0), L2ErrorCode.CLOSED);
    TestMemory.assertPoisoned(into, "a load that hung");
    assertThat(Ops.store(a, a.key(9), 1, SIZE)).isEqualTo(StoreOutcome.FAILED);
  }

  @Test
  void afterACloseFaultsAreNoLongerTheReason() throws Exception {
    AdapterUnderTest a = open(rates(1, 1, 1, 0, 0));
    a.close();
    StoreResult stored = Ops.store(a, Ops.storeOf(a, a.key(0), 1, SIZE));
    Ops.assertError("a store after close", stored.error(0), L2ErrorCode.CLOSED);
    try (LookupLease lease = Ops.pin(a, a.keys(2))) {
      Ops.assertError("a lookup after close", lease.error(1), L2ErrorCode.CLOSED);
    }
  }

  @Test
  void theStatusSaysWhatIsActive() throws Exception {
    AdapterUnderTest a = open(loads(0.25, List.of(3), List.of()));
    assertThat(a.raw().status().details())
        .containsEntry("faults", "{rate=0.25, seed=7, gap_indices=[3]}")
        .containsEntry("requests_hanging", "0");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.storeRequest;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.adapter.Capacity;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bridge alone, over a connector whose every answer the test decides. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class NativeConnectorL2AdapterTest {

  private static final int SIZE = 8;

  private final TestContext context = new TestContext();
  private final FakeConnector connector = new FakeConnector();
  private NativeConnectorL2Adapter adapter;

  @BeforeEach
  void start() throws Exception {
    adapter = NativeConnectorL2Adapter.start(connector, Capacity.of(0), context);
  }

  @AfterEach
  void close() {
    adapter.close(Duration.ZERO);
    context.awaitNoThreads();
    assertThat(connector.isDestroyed()).isTrue();
    assertThat(adapter.loans()).isZero();
  }

  private CompletionStage<StoreResult> store(List<ObjectKey> keys) {
    return adapter.store(storeRequest(keys, 1, SIZE, StoreMode.IF_ABSENT));
  }

  private void storeNow(List<ObjectKey> keys) throws Exception {
    var stage = store(keys);
    connector.complete(connector.take(), i -> NativeOutcome.STORED);
    assertThat(await(stage).count(StoreOutcome.STORED)).isEqualTo(keys.size());
  }

  @Test
  void aBatchIsOneSubmission() throws Exception {
    var stage = store(keys(64));
    NativeBatch batch = connector.take();
    assertThat(batch.names()).hasSize(64);
    assertThat(connector.waiting()).isZero();
    connector.complete(batch, i -> i % 2 == 0 ? NativeOutcome.STORED : NativeOutcome.FAILED);
    StoreResult result = await(stage);
    assertThat(result.count(StoreOutcome.STORED)).isEqualTo(32);
    assertThat(why(result.error(1)).text()).isEqualTo("SET " + key(1));
    assertThat(adapter.usage().storedObjects()).isEqualTo(32);
    assertThat(context.takeEvents(1)).singleElement().asString().doesNotContain(key(1).toString());
  }

  @Test
  void requestsOverTheSameKeysInOppositeOrderDoNotDeadlock() throws Exception {
    var first = store(List.of(key(1), key(2)));
    var second = store(List.of(key(2), key(1), key(3)));
    NativeBatch batch = connector.take();
    NativeBatch alone = connector.take();
    assertThat(alone.names()).hasSize(1);
    connector.complete(alone, i -> NativeOutcome.STORED);
    connector.complete(batch, i -> NativeOutcome.STORED);
    assertThat(await(first).count(StoreOutcome.STORED)).isEqualTo(2);
    NativeBatch rest = connector.take();
    assertThat(rest.names()).hasSize(2);
    connector.complete(rest, i -> NativeOutcome.ALREADY_PRESENT);
    assertThat(await(second).count(StoreOutcome.ALREADY_PRESENT)).isEqualTo(2);
  }

  @Test
  void thousandsOfDeletesBehindAPinEndWithoutDeepRecursion() throws Exception {
    storeNow(keys(1));
    CompletionStage<LookupLease> lookup = adapter.lookup(LookupRequest.of(keys(1)));
    NativeBatch looking = connector.take();
    List<CompletionStage<DeleteResult>> deletes = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      deletes.add(adapter.delete(DeleteRequest.of(keys(1))));
    }
    assertThat(connector.waiting()).as("a delete waits for the lookup").isZero();
    connector.complete(looking, i -> NativeOutcome.FOUND);
    for (CompletionStage<DeleteResult> delete : deletes) {
      assertThat(await(delete).outcome(0)).isEqualTo(DeleteOutcome.PINNED);
    }
    await(lookup).close();
  }

  @Test
  void anAbsenceSeenBeforeAStoreDoesNotUncountIt() throws Exception {
    storeNow(keys(1));
    var load = adapter.load(LoadRequest.of(List.of(LoadItem.of(key(0), poisoned(SIZE)))));
    NativeBatch loading = connector.take();
    var replace = adapter.store(storeRequest(keys(1), 2, SIZE, StoreMode.REPLACE));
    connector.complete(connector.take(), i -> NativeOutcome.STORED);
    await(replace);
    connector.complete(loading, i -> NativeOutcome.NOT_FOUND);
    assertThat(await(load).outcome(0)).isEqualTo(LoadOutcome.NOT_FOUND);
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
  }

  @Test
  void aRefusedBatchFailsItsKeys() {
    connector.refuse();
    StoreResult result = await(store(keys(3)));
    assertThat(result.count(StoreOutcome.FAILED)).isEqualTo(3);
    assertThat(why(result.error(2)).code()).isEqualTo(L2ErrorCode.UNAVAILABLE);
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
  }

  @Test
  void resultsOfAnUnknownBatchHarmNobody() throws Exception {
    connector.completeUnknown();
    storeNow(keys(2));
  }

  @Test
  void eventsHaveTheOrderOfTheirEffectsAlsoWhenALookupSpansThem() throws Exception {
    storeNow(keys(2));
    context.takeEvents(1);
    var delete = adapter.delete(DeleteRequest.of(List.of(key(1))));
    NativeBatch deleting = connector.take();
    var lookup = adapter.lookup(LookupRequest.of(keys(2)));
    connector.complete(connector.take(), i -> NativeOutcome.NOT_FOUND);
    var store = store(keys(1));
    connector.complete(connector.take(), i -> NativeOutcome.STORED);
    await(store);
    connector.complete(deleting, i -> NativeOutcome.DELETED);
    await(delete);
    connector.complete(connector.take(), i -> NativeOutcome.NOT_FOUND);
    await(lookup).close();
    assertThat(context.takeEvents(3))
        .containsExactly(
            "removed [" + key(0) + "] [8] GONE",
            "stored [" + key(0) + "] [8]",
            "removed [" + key(1) + "] [8] DELETED");
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
  }

  @Test
  void anErrorInsideSubmitFailsTheKeysAndNothingElse() throws Exception {
    connector.throwOnce(new OutOfMemoryError("planned"));
    StoreResult result = await(store(keys(2)));
    assertThat(result.count(StoreOutcome.FAILED)).isEqualTo(2);
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    storeNow(keys(2));
  }

  @Test
  void aContinuationThatClosesDoesNotHoldUpTheCloseThatRunsIt() throws Exception {
    var first = store(keys(1));
    NativeBatch held = connector.take();
    List<CloseReport> nested = new ArrayList<>();
    var behind = store(keys(1)).thenAccept(r -> nested.add(adapter.close(Duration.ofDays(1))));
    adapter.close(Duration.ZERO);
    await(behind);
    assertThat(nested).hasSize(1);
    connector.complete(held, i -> NativeOutcome.STORED);
    await(first);
  }

  @Test
  void aListingThatBreaksEndsAllTheSame() throws Exception {
    connector.breakListings();
    assertThat(why(await(adapter.list(ListRequest.first(1))).error()).code())
        .isEqualTo(L2ErrorCode.INTERNAL);
    assertThat(adapter.close(Duration.ofDays(1))).isEqualTo(CloseReport.IDLE);
  }

  @Test
  void anObjectOfSomebodyElseThatALookupFindsIsCounted() throws Exception {
    var lookup = adapter.lookup(LookupRequest.of(keys(1)));
    connector.complete(connector.take(), i -> NativeOutcome.FOUND);
    await(lookup).close();
    assertThat(context.takeEvents(1)).containsExactly("recovered [" + key(0) + "] [0]");
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
  }

  @Test
  void tooManyKeysAreMisuse() {
    List<ObjectKey> keys = keys(AdapterLimits.MAX_KEYS_PER_REQUEST + 1);
    assertThatThrownBy(() -> adapter.lookup(LookupRequest.of(keys)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65537");
    assertThat(connector.waiting()).isZero();
  }

  @Test
  void closeWaitsForWorkAndReportsIt() throws Exception {
    var stage = store(keys(5));
    NativeBatch batch = connector.take();
    AtomicInteger drained = new AtomicInteger(-1);
    Thread closer = new Thread(() -> drained.set(adapter.close(Duration.ofSeconds(100)).drained()));
    closer.start();
    while (adapter.status().health() != Health.CLOSED) {
      Thread.onSpinWait();
    }
    assertThat(why(await(store(keys(1))).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    connector.complete(batch, i -> NativeOutcome.STORED);
    closer.join();
    assertThat(drained).hasValue(5);
    assertThat(await(stage).count(StoreOutcome.STORED)).isEqualTo(5);
  }

  @Test
  void closeFailsWhatWaitsForItsTurn() throws Exception {
    var first = store(keys(1));
    NativeBatch held = connector.take();
    List<CompletionStage<StoreResult>> behind = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      behind.add(store(List.of(key(0), key(100 + i))));
    }
    CloseReport report = adapter.close(Duration.ZERO);
    assertThat(report.failed()).isEqualTo(20);
    for (CompletionStage<StoreResult> stage : behind) {
      assertThat(await(stage).count(StoreOutcome.FAILED)).isEqualTo(2);
      assertThat(why(await(stage).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    }
    assertThat(first.toCompletableFuture().isDone()).isFalse();
    assertThat(adapter.loans()).isEqualTo(1);
    connector.complete(held, i -> NativeOutcome.STORED);
    assertThat(await(first).outcome(0)).isEqualTo(StoreOutcome.STORED);
  }

  @Test
  void everyRequestEndsOnceUnderLoadAndAClose() throws Exception {
    Thread worker =
        new Thread(
            () -> {
              Random random = new Random(7);
              try {
                for (NativeBatch batch = connector.take();
                    batch.id() >= 0;
                    batch = connector.take()) {
                  NativeOutcome outcome =
                      switch (batch.operation()) {
                        case SET -> NativeOutcome.STORED;
                        case GET -> NativeOutcome.LOADED;
                        case EXISTS -> NativeOutcome.FOUND;
                        case REMOVE -> NativeOutcome.DELETED;
                      };
                  boolean failing = random.nextInt(8) == 0;
                  connector.complete(batch, i -> failing ? NativeOutcome.FAILED : outcome);
                }
              } catch (InterruptedException e) {
                // The test is over.
              }
            });
    worker.start();
    AtomicInteger ended = new AtomicInteger();
    List<Thread> submitters = new ArrayList<>();
    int requestsPerThread = 3000;
    for (int t = 0; t < 4; t++) {
      int seed = t;
      Thread submitter = new Thread(() -> submitRandomly(seed, requestsPerThread, ended));
      submitters.add(submitter);
      submitter.start();
    }
    while (ended.get() < 2 * requestsPerThread) {
      Thread.onSpinWait();
    }
    adapter.close(Duration.ofSeconds(100));
    for (Thread submitter : submitters) {
      submitter.join();
    }
    worker.interrupt();
    worker.join();
    assertThat(ended).hasValue(4 * requestsPerThread);
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    assertThat(adapter.status().pinnedKeys()).isZero();
  }

  private void submitRandomly(int seed, int requests, AtomicInteger ended) {
    Random random = new Random(seed);
    for (int r = 0; r < requests; r++) {
      List<ObjectKey> keys = new ArrayList<>();
      for (int k = random.nextInt(3); k < 8; k += 1 + random.nextInt(5)) {
        keys.add(key(k));
      }
      CompletionStage<?> stage =
          switch (random.nextInt(4)) {
            case 0 -> store(keys);
            case 1 -> adapter.lookup(LookupRequest.of(keys)).thenAccept(LookupLease::close);
            case 2 -> adapter.delete(DeleteRequest.of(keys));
            default ->
                adapter.load(
                    LoadRequest.of(
                        keys.stream().map(key -> LoadItem.of(key, poisoned(SIZE))).toList()));
          };
      stage.thenRun(ended::incrementAndGet);
      if (random.nextInt(4) == 0) {
        await(stage);
      }
    }
  }
}

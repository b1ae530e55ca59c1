// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.keys;
import static io.lmcache.adapter.Requests.load;
import static io.lmcache.adapter.Requests.store;
import static io.lmcache.adapter.Requests.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Priority;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The workers: what they take first, what stops them, and how they end. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class WorkerPoolTest {

  private static final int SIZE = 8;
  private static final Options HIGH = Options.DEFAULT.withPriority(Priority.HIGH);
  private static final Options LOW = Options.DEFAULT.withPriority(Priority.LOW);

  private final TestContext context = new TestContext();
  private final MemoryStorage storage = new MemoryStorage();

  private BlockingL2Adapter open(int workers) throws IOException {
    BlockingL2Adapter adapter = BlockingL2Adapter.open(storage, workers, 0, context);
    while (context.liveThreads().contains("lmc-recover")) {
      Thread.onSpinWait();
    }
    return adapter;
  }

  /** Every thread ends by itself; a hang shows as the test's time-out. */
  private void awaitTheEnd() {
    while (!context.liveThreads().isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(storage.closed).hasValue(1);
  }

  @Test
  void oneBatchKeepsEveryWorkerBusy() throws Exception {
    BlockingL2Adapter adapter = open(4);
    assertThat(context.liveThreads())
        .containsExactly("lmc-io-0", "lmc-io-1", "lmc-io-2", "lmc-io-3");
    CountDownLatch latch = storage.hold();
    var stored = store(adapter, keys(10), SIZE);
    storage.awaitHeld(4);
    assertThat(adapter.status().details())
        .containsEntry("running", "4")
        .containsEntry("queued", "6");
    assertThat(adapter.loans()).isEqualTo(10);
    assertThat(adapter.usage().inFlightBytes()).isEqualTo(10 * SIZE);
    storage.holdNoMore();
    latch.countDown();
    assertThat(await(stored).count(StoreOutcome.STORED)).isEqualTo(10);
    assertThat(adapter.close(Duration.ofSeconds(60))).isEqualTo(CloseReport.IDLE);
    awaitTheEnd();
  }

  @Test
  void tenThousandItemsEndOnceEach() throws Exception {
    BlockingL2Adapter adapter = open(4);
    List<ObjectKey> keys = keys(10_000);
    assertThat(await(store(adapter, keys, SIZE)).count(StoreOutcome.STORED)).isEqualTo(10_000);
    assertThat(await(load(adapter, keys, SIZE)).count(LoadOutcome.LOADED)).isEqualTo(10_000);
    assertThat(adapter.usage().storedObjects()).isEqualTo(10_000);
    assertThat(storage.objects).hasSize(10_000);
    assertThat(adapter.loans()).isZero();
    adapter.close();
    awaitTheEnd();
  }

  private List<Integer> loadsInOrder() {
    return storage.calls.stream()
        .filter(call -> call.startsWith("get "))
        .map(call -> Integer.parseInt(call.substring(4), 16))
        .toList();
  }

  @Test
  void higherPrioritiesGoFirstAndLowOnesGoNevertheless() throws Exception {
    BlockingL2Adapter adapter = open(1);
    CountDownLatch latch = storage.hold();
    var first = load(adapter, List.of(key(0)), SIZE);
    storage.awaitHeld(1);
    storage.holdNoMore();
    List<CompletionStage<LoadResult>> stages = new ArrayList<>();
    stages.add(load(adapter, List.of(key(1), key(2)), SIZE, LOW));
    stages.add(load(adapter, List.of(key(3), key(4)), SIZE));
    stages.add(load(adapter, keys(20).subList(5, 20), SIZE, HIGH));
    latch.countDown();
    await(first);
    stages.forEach(Requests::await);
    assertThat(loadsInOrder())
        .containsExactly(0, 5, 6, 7, 8, 9, 10, 11, 3, 1, 12, 13, 14, 15, 16, 17, 18, 4, 2, 19);
    adapter.close();
    awaitTheEnd();
  }

  @Test
  void aDeadlineIsJudgedAtSubmitAndWhenAWorkerTakesTheItem() throws Exception {
    BlockingL2Adapter adapter = open(1);
    Options soon = Options.DEFAULT.withDeadline(context.clock().instant().plusSeconds(10));
    CountDownLatch latch = storage.hold();
    var running = load(adapter, List.of(key(0)), SIZE, soon);
    storage.awaitHeld(1);
    storage.holdNoMore();
    var queued = load(adapter, List.of(key(1), key(2)), SIZE, soon);
    context.clock().advance(Duration.ofSeconds(10));
    assertThat(why(await(load(adapter, List.of(key(3)), SIZE, soon)).error(0)).code())
        .isEqualTo(L2ErrorCode.DEADLINE);
    latch.countDown();
    assertThat(await(running).outcome(0)).isEqualTo(LoadOutcome.NOT_FOUND);
    for (int i = 0; i < 2; i++) {
      assertThat(why(await(queued).error(i)).code()).isEqualTo(L2ErrorCode.DEADLINE);
    }
    assertThat(loadsInOrder()).containsExactly(0);
    adapter.close();
    awaitTheEnd();
  }

  @Test
  void closeEndsWhatNobodyBeganAndLeavesTheRestItsStorage() throws Exception {
    BlockingL2Adapter adapter = open(1);
    CountDownLatch latch = storage.hold();
    var held = store(adapter, List.of(key(0)), SIZE);
    storage.awaitHeld(1);
    storage.holdNoMore();
    var behind = store(adapter, List.of(key(0), key(1)), SIZE);
    var queued = load(adapter, List.of(key(2)), SIZE);
    List<CloseReport> nested = new ArrayList<>();
    var closedAgain = queued.thenAccept(r -> nested.add(adapter.close(Duration.ofDays(1))));

    assertThat(adapter.close(Duration.ZERO)).isEqualTo(new CloseReport(0, 3, 1));
    assertThat(await(behind).count(StoreOutcome.FAILED)).isEqualTo(2);
    assertThat(why(await(queued).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    await(closedAgain);
    assertThat(nested).hasSize(1);
    assertThat(why(await(delete(adapter, keys(1))).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(await(adapter.list(ListRequest.first(1))).error()).code())
        .isEqualTo(L2ErrorCode.CLOSED);
    assertThat(held.toCompletableFuture().isDone()).isFalse();
    assertThat(adapter.loans()).isEqualTo(1);
    assertThat(adapter.status().health()).isEqualTo(Health.CLOSED);
    assertThat(storage.closed).hasValue(0);

    latch.countDown();
    assertThat(await(held).outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(adapter.loans()).isZero();
    awaitTheEnd();
  }

  @Test
  void aListingUnderWayKeepsTheStorageOpen() throws Exception {
    BlockingL2Adapter adapter = open(2);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch latch = new CountDownLatch(1);
    storage.walkTrap =
        () -> {
          inside.countDown();
          awaitLatch(latch);
        };
    var page = adapter.list(ListRequest.first(1));
    inside.await();
    var second = adapter.list(ListRequest.first(1));
    assertThat(adapter.close(Duration.ZERO)).isEqualTo(new CloseReport(0, 1, 1));
    assertThat(why(await(second).error()).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(storage.closed).hasValue(0);
    latch.countDown();
    assertThat(await(page).error()).isNull();
    awaitTheEnd();
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts", e);
    }
  }

  @Test
  void closeFromAStorageCallAndFromAContinuationDoNotWait() throws Exception {
    BlockingL2Adapter adapter = open(1);
    List<CloseReport> reports = new ArrayList<>();
    CountDownLatch chained = new CountDownLatch(1);
    storage.traps.put(
        key(0),
        () -> {
          awaitLatch(chained);
          reports.add(adapter.close(Duration.ofDays(1)));
        });
    var stored =
        store(adapter, keys(1), SIZE)
            .thenApply(
                result -> {
                  reports.add(adapter.close(Duration.ofDays(1)));
                  return result;
                });
    chained.countDown();
    assertThat(await(stored).outcome(0)).isEqualTo(StoreOutcome.STORED);
    awaitTheEnd();
    assertThat(reports)
        .containsExactly(new CloseReport(0, 0, 1), new CloseReport(0, 0, 1), CloseReport.IDLE);
  }

  @Test
  void withoutAThreadACloseFromAContinuationDoesNotWait() throws Exception {
    BlockingL2Adapter adapter = open(1);
    CountDownLatch chained = new CountDownLatch(1);
    storage.traps.put(key(0), () -> awaitLatch(chained));
    var stored = store(adapter, keys(1), SIZE).thenApply(r -> adapter.close(Duration.ofDays(1)));
    var second = store(adapter, List.of(key(1)), SIZE);
    context.refuseThreadsAfter(0);
    chained.countDown();
    await(stored);
    assertThat(await(second).size()).as("it ended, well or closed").isEqualTo(1);
    awaitTheEnd();
  }

  @Test
  void anInterruptLeftBehindDoesNotReachTheNextCall() throws Exception {
    BlockingL2Adapter adapter = open(1);
    storage.traps.put(key(0), () -> Thread.currentThread().interrupt());
    storage.traps.put(key(1), () -> assertThat(Thread.currentThread().isInterrupted()).isFalse());
    assertThat(await(store(adapter, keys(2), SIZE)).outcome(1)).isEqualTo(StoreOutcome.STORED);
    adapter.close();
    awaitTheEnd();
  }

  @Test
  void anAdapterThatCannotOpenLeavesNothing() {
    context.refuseThreadsAfter(3);
    assertThatThrownBy(() -> open(4))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("worker 3 of 4 could not be started: planned: no more threads;")
        .hasMessageContaining("ulimit -u");
    assertThat(context.liveThreads()).isEmpty();
    assertThat(storage.closed).hasValue(1);

    TestContext other = new TestContext();
    other.refuseThreadsAfter(2);
    MemoryStorage unscanned = new MemoryStorage();
    assertThatThrownBy(() -> BlockingL2Adapter.open(unscanned, 2, 0, other))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "the recovery thread could not be started: planned: no more threads;");
    assertThat(other.liveThreads()).isEmpty();
    assertThat(unscanned.closed).hasValue(1);

    MemoryStorage unused = new MemoryStorage();
    assertThatThrownBy(() -> BlockingL2Adapter.open(unused, 0, 0, other))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(unused.closed).hasValue(1);
  }

  @Test
  void aListingThatGetsNoThreadFails() throws Exception {
    context.refuseThreadsAfter(2);
    BlockingL2Adapter adapter = open(1);
    assertThat(why(await(adapter.list(ListRequest.first(1))).error()).code())
        .isEqualTo(L2ErrorCode.UNAVAILABLE);
    assertThat(adapter.close(Duration.ofDays(1))).isEqualTo(CloseReport.IDLE);
    awaitTheEnd();
  }

  private static final class PoolAdapter extends BackendL2Adapter {
    PoolAdapter(WorkerPool pool, L2AdapterContext context) throws IOException {
      super(pool, Capacity.of(0), context);
      begin();
    }
  }

  @Test
  void theLastWorkerToDieFailsWhatIsQueuedAndWhatComes() throws Exception {
    context.makeIdleThreads();
    WorkerPool pool = new WorkerPool(storage, 2, context);
    PoolAdapter adapter = new PoolAdapter(pool, context);
    var queued = store(adapter, keys(3), SIZE);
    pool.left(true);
    assertThat(adapter.status().health()).isEqualTo(Health.DEGRADED);
    assertThat(context.takeEvents(1)).containsExactly("health DEGRADED 1 of 2 workers died");
    assertThat(queued.toCompletableFuture().isDone()).isFalse();
    pool.left(true);
    assertThat(adapter.status().health()).isEqualTo(Health.FAILED);
    assertThat(adapter.status().reason()).isEqualTo("2 of 2 workers died");
    for (StoreResult result : List.of(await(queued), await(store(adapter, keys(3), SIZE)))) {
      assertThat(result.count(StoreOutcome.FAILED)).isEqualTo(3);
      assertThat(why(result.error(2)).code()).isEqualTo(L2ErrorCode.UNAVAILABLE);
    }
    assertThat(adapter.loans()).isZero();
    assertThat(storage.closed).hasValue(0);
    assertThat(adapter.close(Duration.ofDays(1))).isEqualTo(CloseReport.IDLE);
    assertThat(storage.closed).hasValue(1);
  }

  @Test
  void everyRequestEndsOnceUnderLoadAndAClose() throws Exception {
    BlockingL2Adapter adapter = open(4);
    AtomicInteger ended = new AtomicInteger();
    List<Thread> submitters = new ArrayList<>();
    int requests = 2000;
    for (int t = 0; t < 4; t++) {
      Random random = new Random(t);
      Thread submitter = new Thread(() -> submitRandomly(adapter, random, requests, ended));
      submitters.add(submitter);
      submitter.start();
    }
    while (ended.get() < 2 * requests) {
      Thread.onSpinWait();
    }
    adapter.close(Duration.ofSeconds(100));
    for (Thread submitter : submitters) {
      submitter.join();
    }
    assertThat(ended).hasValue(4 * requests);
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    assertThat(adapter.status().pinnedKeys()).isZero();
    assertThat(adapter.usage().storedObjects()).isEqualTo(storage.objects.size());
    assertThat(context.present()).containsExactlyInAnyOrderElementsOf(storage.objects.keySet());
    awaitTheEnd();
  }

  private static void submitRandomly(
      BlockingL2Adapter adapter, Random random, int requests, AtomicInteger ended) {
    for (int r = 0; r < requests; r++) {
      List<ObjectKey> keys = new ArrayList<>();
      for (int k = random.nextInt(3); k < 8; k += 1 + random.nextInt(5)) {
        keys.add(key(k));
      }
      CompletionStage<?> stage =
          switch (random.nextInt(5)) {
            case 0 -> store(adapter, keys, SIZE);
            case 1 -> adapter.store(Requests.storeRequest(keys, SIZE, StoreMode.REPLACE));
            case 2 -> adapter.lookup(LookupRequest.of(keys)).thenAccept(LookupLease::close);
            case 3 -> delete(adapter, keys);
            default -> load(adapter, keys, SIZE);
          };
      stage.thenRun(ended::incrementAndGet);
      if (random.nextInt(4) == 0) {
        await(stage);
      }
    }
  }
}

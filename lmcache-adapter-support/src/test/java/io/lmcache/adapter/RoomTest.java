// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.awaitUntil;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.load;
import static io.lmcache.adapter.Requests.storeRequest;
import static io.lmcache.adapter.Requests.why;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.FailureCount;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Priority;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores that find no room, over a storage with one worker, which therefore must not wait. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RoomTest {

  private static final int SIZE = 100;

  private final TestContext context = new TestContext();
  private final MemoryStorage storage = new MemoryStorage();
  private final List<Long> asked = new CopyOnWriteArrayList<>();
  private BlockingL2Adapter adapter;

  @BeforeEach
  void open() throws IOException {
    adapter = BlockingL2Adapter.open(storage, 1, 0, context);
    Requests.waitFor(() -> !adapter.usage().recovering());
  }

  @AfterEach
  void close() {
    adapter.close();
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    assertThat(context.liveThreads()).isEmpty();
  }

  private static MemoryStorage.Trap full() {
    return MemoryStorage.failing(spaceless());
  }

  private static StorageException spaceless() {
    return new StorageException(
        new L2Error(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "ENOSPC", "write it: no space"));
  }

  /** The owner answers so; what it was asked for is written down. */
  private void owner(CompletionStage<Long> answer) {
    context.owner =
        bytes -> {
          asked.add(bytes);
          return answer;
        };
  }

  /** One that asks for nothing before it writes. */
  private CompletionStage<StoreResult> store(List<ObjectKey> keys, int size) {
    return adapter.store(storeRequest(keys, size, StoreMode.REPLACE));
  }

  private long puts(ObjectKey key) {
    return storage.calls.stream().filter(c -> c.equals("put " + key.chunkHashHex())).count();
  }

  private String detail(String name) {
    return String.valueOf(adapter.status().details().get(name));
  }

  @Test
  void theOwnerEvictsThroughTheSameWorkerAndTheStoreSucceeds() {
    List<ObjectKey> old = List.of(key(1), key(2));
    await(store(old, SIZE));
    context.takeEvents(1);
    storage.traps.put(key(3), full());
    context.owner =
        bytes -> {
          asked.add(bytes);
          return delete(adapter, old)
              .thenApply(
                  result -> {
                    storage.traps.clear();
                    return 2L * SIZE;
                  });
        };
    StoreResult result = await(store(List.of(key(3), key(4)), SIZE));

    assertThat(result.count(StoreOutcome.STORED)).isEqualTo(2);
    assertThat(asked)
        .as("the object, an eighth of it and a page")
        .containsExactly(100L + 12 + 4096);
    assertThat(puts(key(3))).as("tries").isEqualTo(2);
    assertThat(puts(key(4))).as("tries of what had room").isEqualTo(1);
    assertThat(await(load(adapter, List.of(key(3), key(4)), SIZE)).count(LoadOutcome.LOADED))
        .isEqualTo(2);
    assertThat(adapter.usage().storedBytes()).isEqualTo(2L * SIZE);
    assertThat(adapter.status().failures()).as("keys that failed").isEmpty();
    assertThat(List.of(detail("room_requests"), detail("stores_repeated")))
        .containsExactly("1", "1");
    assertThat(context.contradictions()).isEmpty();
  }

  @Test
  void aStoreIsRepeatedOnce() {
    storage.traps.put(key(1), full());
    owner(CompletableFuture.completedStage(1_000_000L));
    StoreResult result = await(store(List.of(key(1)), SIZE));

    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertThat(why(result.error(0)).nativeCode()).isEqualTo("ENOSPC");
    assertThat(asked).hasSize(1);
    assertThat(puts(key(1))).as("tries").isEqualTo(2);
    assertThat(adapter.status().failures()).containsExactly(new FailureCount("store", "ENOSPC", 1));
  }

  @Test
  void withoutRoomNothingIsRepeated() {
    storage.traps.put(key(1), full());
    CompletableFuture<Long> exceptionally = CompletableFuture.failedFuture(new IOException("no"));
    for (CompletionStage<Long> answer :
        List.of(CompletableFuture.<Long>completedStage(0L), exceptionally, nothing())) {
      owner(answer);
      assertThat(await(store(List.of(key(1)), SIZE)).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    }
    context.owner =
        bytes -> {
          asked.add(bytes);
          throw new IllegalStateException("planned: an owner that throws");
        };
    assertThat(await(store(List.of(key(1)), SIZE)).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    context.owner =
        bytes -> {
          asked.add(bytes);
          throw RoomTest.<RuntimeException>undeclared(new IOException("planned: a checked one"));
        };
    assertThat(await(store(List.of(key(1)), SIZE)).outcome(0)).isEqualTo(StoreOutcome.FAILED);

    assertThat(asked).hasSize(5);
    assertThat(puts(key(1))).as("tries").isEqualTo(5);
    assertThat(List.of(detail("room_requests"), detail("stores_repeated")))
        .containsExactly("5", "0");
  }

  /** What another language may throw where Java must not. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> E undeclared(Exception e) throws E {
    throw (E) e;
  }

  private static CompletionStage<Long> nothing() {
    return CompletableFuture.completedStage(Requests.<Long>nothing());
  }

  @Test
  void anEmptyObjectNeedsRoomToo() {
    storage.traps.put(key(1), full());
    owner(CompletableFuture.completedStage(0L));
    await(store(List.of(key(1)), 0));
    assertThat(asked).containsExactly(4096L);
  }

  @Test
  void otherErrorsAreNoReasonToAsk() {
    storage.traps.put(key(1), MemoryStorage.failing(new IOException("planned: EIO")));
    owner(CompletableFuture.completedStage(1_000_000L));
    await(store(List.of(key(1)), SIZE));
    assertThat(asked).isEmpty();
    assertThat(puts(key(1))).isEqualTo(1);
  }

  @Test
  void whileTheOwnerMakesRoomTheBufferIsLentAndOthersGoOn() {
    storage.traps.put(key(1), full());
    CompletableFuture<Long> answer = new CompletableFuture<>();
    owner(answer);
    CompletionStage<StoreResult> waiting = store(List.of(key(1)), SIZE);
    awaitUntil(() -> asked.size() == 1);

    assertThat(await(store(List.of(key(2)), SIZE)).outcome(0)).isEqualTo(StoreOutcome.STORED);
    CompletionStage<StoreResult> behind = store(List.of(key(1)), SIZE);
    assertThat(adapter.loans()).isEqualTo(2);
    assertThat(adapter.usage().inFlightBytes()).isEqualTo(2L * SIZE);
    assertThat(puts(key(1))).as("tries, of a key that has its turn").isEqualTo(1);

    storage.traps.clear();
    answer.complete(1L);
    assertThat(await(waiting).outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(await(behind).outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(puts(key(1))).as("tries of two stores, one of them twice").isEqualTo(3);
  }

  @Test
  void aCloseEndsWhatWaitsForRoom() {
    storage.traps.put(key(1), full());
    CompletableFuture<Long> answer = new CompletableFuture<>();
    owner(answer);
    CompletionStage<StoreResult> waiting = store(List.of(key(1), key(2)), SIZE);
    awaitUntil(() -> asked.size() == 1);

    assertThat(adapter.close(Duration.ofMillis(1))).isEqualTo(new CloseReport(1, 1, 0));
    StoreResult result = await(waiting);
    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertThat(result.outcome(1)).isEqualTo(StoreOutcome.STORED);
    assertThat(adapter.loans()).isZero();
    answer.complete(1_000_000L);
    assertThat(puts(key(1))).as("tries").isEqualTo(1);
  }

  @Test
  void afterTheDeadlineNothingIsRepeatedAndTheReasonIsTold() {
    storage.traps.put(key(1), full());
    CompletableFuture<Long> answer = new CompletableFuture<>();
    owner(answer);
    StoreRequest request = storeRequest(List.of(key(1)), SIZE, StoreMode.REPLACE);
    Options soon = new Options(context.clock().instant().plusSeconds(5), Priority.NORMAL);
    CompletionStage<StoreResult> waiting =
        adapter.store(new StoreRequest(request.items(), request.mode(), soon));
    awaitUntil(() -> asked.size() == 1);
    context.clock().advance(Duration.ofSeconds(6));
    answer.complete(1_000_000L);

    assertThat(why(await(waiting).error(0)).nativeCode()).isEqualTo("ENOSPC");
    assertThat(puts(key(1))).as("tries").isEqualTo(1);
  }

  @Test
  void anOwnerWhoEvictsTheKeyItselfIsNotWaitedFor() {
    await(store(List.of(key(1), key(2)), SIZE));
    storage.traps.put(key(1), full());
    context.owner =
        bytes -> {
          asked.add(bytes);
          storage.traps.clear();
          return delete(adapter, List.of(key(1))).thenApply(deleted -> 1_000L);
        };
    StoreResult result = await(store(List.of(key(1), key(3)), SIZE));

    assertThat(why(result.error(0)).nativeCode()).isEqualTo("ENOSPC");
    assertThat(result.outcome(1)).isEqualTo(StoreOutcome.STORED);
    awaitUntil(() -> !storage.objects.containsKey(key(1)));
    assertThat(asked).hasSize(1);
    assertThat(puts(key(1))).as("tries, the first store among them").isEqualTo(2);
  }

  @Test
  void anOwnerWhoEvictsWhatWaitsBehindTheStoreIsNotWaitedFor() {
    storage.traps.put(key(1), full());
    CompletableFuture<Long> answer = new CompletableFuture<>();
    owner(answer);
    CompletionStage<StoreResult> waiting = store(List.of(key(1)), SIZE);
    awaitUntil(() -> asked.size() == 1);
    CompletionStage<StoreResult> behind = store(List.of(key(1), key(2)), SIZE);
    awaitUntil(() -> storage.objects.containsKey(key(2)));

    CompletionStage<DeleteResult> evicted = delete(adapter, List.of(key(2)));
    assertThat(await(waiting).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertThat(await(behind).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertThat(await(behind).outcome(1)).isEqualTo(StoreOutcome.STORED);
    assertThat(await(evicted).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
  }

  /** The first of so many tries fails. */
  private static MemoryStorage.Trap failsOnce(IOException failure, MemoryStorage.Trap then) {
    AtomicInteger tries = new AtomicInteger();
    return () -> {
      if (tries.incrementAndGet() == 1) {
        throw failure;
      }
      then.spring();
    };
  }

  @Test
  void aDeleteThatWaitsAlreadyIsSeenByWhoFindsNoRoom() {
    CountDownLatch hold = storage.hold();
    storage.traps.put(key(1), failsOnce(spaceless(), () -> {}));
    owner(new CompletableFuture<>());
    CompletionStage<StoreResult> blocker = store(List.of(key(9)), SIZE);
    storage.awaitHeld(1);
    CompletionStage<StoreResult> first = store(List.of(key(1)), SIZE);
    CompletionStage<DeleteResult> evicted = delete(adapter, List.of(key(1)));
    storage.holdNoMore();
    hold.countDown();

    await(blocker);
    assertThat(why(await(first).error(0)).nativeCode()).isEqualTo("ENOSPC");
    assertThat(await(evicted).outcome(0)).isEqualTo(DeleteOutcome.ABSENT);
  }

  /**
   * What is checked behind the store, since it was not certain, keeps nobody from other keys, and
   * who looks up the key itself is not kept waiting by the store.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anOwnerWhoLooksUpWhatIsBeingCheckedIsAnswered(int sought) {
    await(store(List.of(key(1), key(2)), SIZE));
    storage.traps.put(
        key(1), failsOnce(new IOException("planned: EIO"), failsOnce(spaceless(), () -> {})));
    storage.traps.put(key(2), failsOnce(new IOException("planned: EIO"), () -> {}));
    context.owner =
        bytes -> {
          asked.add(bytes);
          return adapter
              .lookup(LookupRequest.of(List.of(key(sought))))
              .thenApply(
                  lease -> {
                    lease.close();
                    return 1L;
                  });
        };
    CountDownLatch hold = storage.hold();
    CompletionStage<StoreResult> blocker = store(List.of(key(9)), SIZE);
    storage.awaitHeld(1);
    storage.holdNoMore();
    CompletionStage<StoreResult> first = store(List.of(key(1), key(2)), SIZE);
    CompletionStage<StoreResult> behind = store(List.of(key(1)), SIZE);
    hold.countDown();

    await(blocker);
    assertThat(await(first).count(StoreOutcome.FAILED)).isEqualTo(2);
    assertThat(await(behind).size()).as("it ends, stored or not").isEqualTo(1);
    assertThat(asked).hasSize(1);
  }
}

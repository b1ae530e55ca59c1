// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.storeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Extent;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Stores that find no room, or fail so that their keys are checked, owners who answer from a thread
 * of their own, evict what is being stored, look it up before, or cannot, and a close that comes at
 * any moment: every stage completes once, and nothing stays lent, pinned or in flight.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class RoomRaceTest {

  private static final int ROUNDS = 400;
  private static final int STORES = 24;
  private static final int KEYS = 6;
  private static final int SIZE = 64;

  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger full = new AtomicInteger();
  private final AtomicInteger broken = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();
  private int stored;
  private int withoutRoom;
  private int closed;

  @Test
  void everyStoreEndsOnce() throws Exception {
    ExecutorService owner = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        round(new Random(round), owner);
      }
    } finally {
      owner.shutdown();
      assertThat(owner.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(full.get()).as("tries that found no room").isGreaterThan(ROUNDS);
    assertThat(asked.get()).as("times that the owner was asked").isGreaterThan(ROUNDS / 2);
    assertThat(stored).as("keys that were stored").isGreaterThan(ROUNDS);
    assertThat(withoutRoom).as("keys that failed for want of room").isGreaterThan(ROUNDS);
    assertThat(broken.get()).as("calls that failed otherwise").isGreaterThan(ROUNDS);
    assertThat(closed).as("keys that a close ended").isGreaterThan(ROUNDS / 4);
  }

  private void round(Random random, ExecutorService owner) throws IOException {
    MemoryStorage storage = new MemoryStorage();
    for (int n = 0; n < KEYS; n++) {
      storage.traps.put(key(n), this::maybeFull);
    }
    TestContext context = new TestContext();
    BlockingL2Adapter adapter = BlockingL2Adapter.open(storage, 3, 0, context);
    context.owner = bytes -> answer(adapter, owner);
    List<CompletionStage<StoreResult>> stages = new ArrayList<>();
    List<CompletionStage<?>> lookups = new ArrayList<>();
    int before = completed.get();
    for (int i = 0; i < STORES; i++) {
      List<ObjectKey> keys =
          random.nextBoolean() ? List.of(key(i % KEYS)) : Requests.keys(1 + random.nextInt(KEYS));
      stages.add(
          adapter
              .store(storeRequest(keys, SIZE, StoreMode.REPLACE))
              .whenComplete((result, thrown) -> completed.incrementAndGet()));
      if (random.nextInt(4) == 0) {
        lookups.add(lookUp(adapter, random.nextInt(KEYS)));
      }
    }
    if (random.nextInt(4) > 0) {
      await(stages.get(random.nextInt(STORES)));
    }
    adapter.close(Duration.ZERO);
    for (CompletionStage<StoreResult> stage : stages) {
      StoreResult result = await(stage);
      stored += result.count(StoreOutcome.STORED);
      for (int i = 0; i < result.size(); i++) {
        L2Error error = result.error(i);
        withoutRoom += error != null && error.code() == L2ErrorCode.NO_SPACE ? 1 : 0;
        closed += error != null && error.code() == L2ErrorCode.CLOSED ? 1 : 0;
      }
    }
    for (CompletionStage<?> lookup : lookups) {
      await(lookup);
    }
    adapter.close();
    assertThat(completed.get() - before).as("completions of stores").isEqualTo(STORES);
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.status().pinnedKeys()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    assertThat(context.liveThreads()).isEmpty();
    assertThat(storage.closed).hasValue(1);
    assertThat(context.contradictions()).isEmpty();
  }

  private void maybeFull() throws IOException {
    int chance = ThreadLocalRandom.current().nextInt(12);
    if (chance == 0) {
      broken.incrementAndGet();
      throw new IOException("planned: EIO");
    }
    if (chance <= 4) {
      full.incrementAndGet();
      throw new StorageException(
          new L2Error(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "ENOSPC", "put it: no space"));
    }
  }

  private static CompletionStage<?> lookUp(BlockingL2Adapter adapter, int n) {
    return adapter
        .lookup(new LookupRequest(List.of(key(n)), Extent.ALL, true, Options.DEFAULT))
        .thenAccept(LookupLease::close);
  }

  private CompletionStage<Long> answer(BlockingL2Adapter adapter, ExecutorService owner) {
    asked.incrementAndGet();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return switch (random.nextInt(5)) {
      case 4 -> lookUp(adapter, random.nextInt(KEYS)).thenApply(looked -> 1L);
      case 0 -> CompletableFuture.completedStage(random.nextLong(2));
      case 1 -> CompletableFuture.supplyAsync(() -> 100L, owner);
      case 2 -> delete(adapter, List.of(key(random.nextInt(KEYS)))).thenApply(deleted -> 1L);
      default ->
          CompletableFuture.supplyAsync(
                  () -> delete(adapter, List.of(key(ThreadLocalRandom.current().nextInt(KEYS)))),
                  owner)
              .thenCompose(deleted -> deleted)
              .thenApply(deleted -> 1L);
    };
  }
}

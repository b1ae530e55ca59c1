// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Seeded operations of several threads on a few keys, while a slow scan goes through them: when all
 * is quiet, storage, usage, listener and lookups agree.
 *
 * <p>When one fails, its description has the round; the seed is made of it.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class IndexDrillTest {

  private static final int KEYS = 24;
  private static final int THREADS = 3;
  private static final int OPERATIONS = 40;

  private final AtomicInteger operations = new AtomicInteger();
  private final AtomicInteger pinned = new AtomicInteger();
  private final AtomicInteger damaged = new AtomicInteger();
  private final AtomicInteger whileScanning = new AtomicInteger();
  private int scans;
  private int checked;
  private int deletes;

  private static ObjectKey key(int n) {
    return Keys.salted(n, n % 3 == 0 ? "" : "tenant" + n % 3);
  }

  private static int size(ObjectKey key, int variant) {
    return 10 + Keys.number(key) * 3 + variant * 101;
  }

  @Test
  void anExclusiveStorageAndItsIndexAgreeWhenAllIsQuiet() throws Exception {
    int rounds = Boolean.getBoolean("lmcache.soak") ? 3000 : 150;
    for (int round = 0; round < rounds; round++) {
      play(round, true);
    }
    checkCoverage(rounds);
  }

  @Test
  void aStorageThatOthersMayUseAgreesTooIfNobodyDoes() throws Exception {
    int rounds = Boolean.getBoolean("lmcache.soak") ? 1000 : 50;
    for (int round = 0; round < rounds; round++) {
      play(round, false);
    }
    checkCoverage(rounds);
  }

  private void checkCoverage(int rounds) {
    assertThat(scans).isEqualTo(rounds);
    assertThat(operations).hasValue(rounds * THREADS * OPERATIONS);
    assertThat(whileScanning.get()).as("during a scan").isGreaterThan(rounds * OPERATIONS / 2);
    assertThat(checked).as("looked at again").isGreaterThan(rounds / 2);
    assertThat(damaged.get()).as("damaged").isGreaterThan(rounds);
    assertThat(pinned.get()).as("pins that held").isGreaterThan(rounds);
    assertThat(deletes).as("removed").isGreaterThan(rounds);
  }

  private void play(int round, boolean exclusive) throws Exception {
    Random random = new Random(round * 31L + (exclusive ? 1 : 0));
    ScannedAdapter scanned = new ScannedAdapter(exclusive);
    List<ObjectKey> keys = new ArrayList<>();
    for (int n = 0; n < KEYS; n++) {
      keys.add(key(n));
      if (random.nextInt(3) > 0) {
        scanned.had(key(n), size(key(n), random.nextInt(2)));
      }
    }
    Semaphore pace = new Semaphore(0);
    scanned.storage.walkStep = object -> pace.acquireUninterruptibly();
    BlockingL2Adapter adapter = scanned.open(3);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> players = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        Random own = new Random(random.nextLong());
        players.add(threads.submit(() -> playOne(own, scanned, adapter, keys, pace)));
      }
      for (Future<?> player : players) {
        player.get(60, TimeUnit.SECONDS);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("round " + round + ", exclusive " + exclusive, e.getCause());
    } finally {
      pace.release(KEYS * 2);
      threads.shutdown();
    }
    scanned.endScan(adapter);
    try {
      scanned.checkAgreement(adapter, keys);
    } catch (AssertionError e) {
      throw new AssertionError("round " + round + ", exclusive " + exclusive, e);
    }
    scans += scanned.storage.walks.get();
    List<String> calls = List.copyOf(scanned.storage.calls);
    checked += (int) calls.stream().filter(call -> call.startsWith("stat")).count();
    deletes += (int) calls.stream().filter(call -> call.startsWith("remove")).count();
    scanned.close(adapter);
  }

  private void playOne(
      Random random,
      ScannedAdapter scanned,
      BlockingL2Adapter adapter,
      List<ObjectKey> keys,
      Semaphore pace) {
    for (int i = 0; i < OPERATIONS; i++) {
      whileScanning.addAndGet(adapter.usage().recovering() ? 1 : 0);
      LinkedHashSet<ObjectKey> chosen = new LinkedHashSet<>();
      for (int n = random.nextInt(3); n >= 0; n--) {
        chosen.add(keys.get(random.nextInt(KEYS)));
      }
      operate(random.nextInt(12), random.nextInt(2), scanned, adapter, List.copyOf(chosen));
      operations.incrementAndGet();
      if (random.nextInt(5) == 0) {
        pace.release();
      }
    }
  }

  private void operate(
      int what,
      int variant,
      ScannedAdapter scanned,
      BlockingL2Adapter adapter,
      List<ObjectKey> keys) {
    ObjectKey first = keys.get(0);
    switch (what) {
      case 0, 1, 2 -> await(Requests.store(adapter, keys, size(first, variant)));
      case 3 ->
          await(
              adapter.store(Requests.storeRequest(keys, size(first, variant), StoreMode.REPLACE)));
      case 4, 5 -> await(Requests.delete(adapter, keys));
      case 6 -> {
        scanned.storage.damaged.add(first);
        var loaded = await(Requests.load(adapter, keys, size(first, variant)));
        damaged.addAndGet(loaded.count(LoadOutcome.CORRUPT));
      }
      case 7, 8 -> await(Requests.load(adapter, keys, size(first, variant)));
      case 9 -> {
        scanned.storage.traps.put(first, MemoryStorage.failing(new IOException("planned")));
        await(Requests.store(adapter, keys, size(first, variant)));
        scanned.storage.traps.remove(first);
      }
      default -> pinAndDelete(adapter, keys);
    }
  }

  /** What a lease holds is there until it lets go, whatever others try; damage apart. */
  private void pinAndDelete(BlockingL2Adapter adapter, List<ObjectKey> keys) {
    LookupLease lease = await(adapter.lookup(LookupRequest.of(keys)));
    try (lease) {
      DeleteResult result = await(Requests.delete(adapter, keys));
      for (int i = 0; i < keys.size(); i++) {
        if (lease.hit(i)) {
          assertThat(result.outcome(i)).isIn(DeleteOutcome.PINNED, DeleteOutcome.FAILED);
          pinned.incrementAndGet();
        }
      }
    }
  }
}

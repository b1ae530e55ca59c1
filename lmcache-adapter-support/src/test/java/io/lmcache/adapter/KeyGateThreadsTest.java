// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.adapter.KeyGate.Mode;
import io.lmcache.adapter.KeyGate.Turn;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyGateThreadsTest {

  private static final int KEYS = 5;
  private static final List<Mode> MODES = List.of(Mode.values());
  private static final int THREADS = 4;
  private static final int ROUNDS = 10_000;
  private static final long HANG_SECONDS = 120;

  private record Request(List<ObjectKey> keys, Mode mode, CountDownLatch missing) {}

  /** Who is on a key, as those see it who were told that it is their turn. */
  private static final class Holders {
    private int lookups;
    private int stores;
    private int deletes;
    private long lookupsBesideStores;

    synchronized void come(Mode mode) {
      switch (mode) {
        case LOOKUP -> lookups++;
        case STORE -> stores++;
        case DELETE -> deletes++;
      }
      if (stores + deletes > 1 || (deletes > 0 && lookups > 0)) {
        throw new AssertionError(
            lookups + " lookups, " + stores + " stores, " + deletes + " deletes on one key");
      }
      lookupsBesideStores += lookups > 0 && stores > 0 ? 1 : 0;
    }

    synchronized void go(Mode mode) {
      switch (mode) {
        case LOOKUP -> lookups--;
        case STORE -> stores--;
        case DELETE -> deletes--;
      }
    }

    synchronized boolean isFree() {
      return lookups + stores + deletes == 0;
    }

    synchronized long lookupsBesideStores() {
      return lookupsBesideStores;
    }
  }

  private final KeyGate<Request> gate = new KeyGate<>();
  private final List<Holders> holders =
      IntStream.range(0, KEYS).mapToObj(k -> new Holders()).toList();

  /** Changed by stores and deletes, guarded by nothing but the gate. */
  private final long[] changes = new long[KEYS];

  private final AtomicLong expectedChanges = new AtomicLong();
  private final AtomicLong waits = new AtomicLong();
  private final AtomicLong blocks = new AtomicLong();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void threadsExcludeEachOtherKeyByKeyAndNoneHangs() throws Exception {
    // The first to fail ends the test; the others might wait for its keys.
    CompletionService<Integer> loops = new ExecutorCompletionService<>(threads);
    for (int t = 0; t < THREADS; t++) {
      Random random = new Random(t);
      loops.submit(() -> loop(random));
    }
    int done = 0;
    for (int t = 0; t < THREADS; t++) {
      Future<Integer> loop = loops.poll(HANG_SECONDS, TimeUnit.SECONDS);
      assertThat(loop).as("the threads hang").isNotNull();
      done += loop == null ? 0 : loop.get();
    }

    assertThat(done).isEqualTo(THREADS * ROUNDS);
    assertThat(gate.isEmpty()).isTrue();
    assertThat(holders).allMatch(Holders::isFree);
    assertThat(IntStream.range(0, KEYS).mapToLong(k -> changes[k]).sum())
        .isEqualTo(expectedChanges.get())
        .isGreaterThan(ROUNDS);
    assertThat(waits).hasValueGreaterThan(ROUNDS);
    assertThat(blocks).hasValueGreaterThan(ROUNDS / 100);
    assertThat(holders.stream().mapToLong(Holders::lookupsBesideStores).sum()).isPositive();
  }

  private int loop(Random random) throws InterruptedException {
    ArrayDeque<Request> pending = new ArrayDeque<>();
    int done = 0;
    for (; done < ROUNDS; done++) {
      round(random, pending);
    }
    leaveUntil(0, pending);
    return done;
  }

  /** Enters with one more request; holds on to some, so that others find their keys taken. */
  private void round(Random random, ArrayDeque<Request> pending) throws InterruptedException {
    List<ObjectKey> keys = new ArrayList<>(IntStream.range(0, KEYS).mapToObj(Keys::key).toList());
    Collections.shuffle(keys, random);
    keys = List.copyOf(keys.subList(0, 1 + random.nextInt(4)));
    Mode mode = MODES.get(random.nextInt(3));
    Request request = new Request(keys, mode, new CountDownLatch(keys.size()));
    for (int i : gate.enter(request, keys, mode)) {
      come(request, i);
    }
    waits.addAndGet(request.missing.getCount());
    pending.add(request);
    leaveUntil(2, pending);
  }

  private void leaveUntil(int left, ArrayDeque<Request> pending) throws InterruptedException {
    while (pending.size() > left) {
      for (Request request : List.copyOf(pending)) {
        if (request.missing.getCount() == 0) {
          pending.remove(request);
          leave(request);
        }
      }
      if (pending.size() > left) {
        // Whatever else it holds: its oldest request waits for older ones only.
        blocks.addAndGet(pending.element().missing.getCount() > 0 ? 1 : 0);
        assertThat(pending.element().missing.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private void leave(Request request) {
    for (ObjectKey key : request.keys) {
      int k = Keys.number(key);
      if (request.mode != Mode.LOOKUP) {
        changes[k]++;
        expectedChanges.incrementAndGet();
      }
      holders.get(k).go(request.mode);
    }
    for (Turn<Request> turn : gate.leave(request, request.keys)) {
      come(turn.request(), turn.index());
    }
  }

  private void come(Request request, int i) {
    holders.get(Keys.number(request.keys.get(i))).come(request.mode);
    request.missing.countDown();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RemovalLimitTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong now = new AtomicLong();
  private final RemovalLimit limit = new RemovalLimit(now::get);

  private int granted(int requests) {
    int granted = 0;
    for (int i = 0; i < requests; i++) {
      granted += limit.tryAcquire() ? 1 : 0;
    }
    return granted;
  }

  /** Also where a clock of nanoseconds wraps, and where it begins below zero. */
  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1, Long.MAX_VALUE, Long.MAX_VALUE - 30_000_000_000L, Long.MIN_VALUE})
  void sixteenInSixtySecondsAreGranted(long start) {
    now.set(start);
    assertThat(granted(16)).isEqualTo(16);
    assertThat(limit.tripped()).isFalse();

    assertThat(granted(5)).isZero();
    assertThat(limit.tripped()).isTrue();
    now.addAndGet(60 * SECOND - 1);
    assertThat(limit.tryAcquire()).isFalse();
    now.addAndGet(1);
    assertThat(granted(17)).isEqualTo(16);
  }

  @Test
  void aSlotIsFreeAgainSixtySecondsAfterItsOwnGrant() {
    for (int i = 0; i < 16; i++) {
      assertThat(limit.tryAcquire()).isTrue();
      now.addAndGet(SECOND);
    }
    // 16 s: the first grant was at 0 s, the second at 1 s.
    assertThat(limit.tryAcquire()).isFalse();
    now.set(60 * SECOND);
    assertThat(granted(2)).isEqualTo(1);
    now.set(61 * SECOND);
    assertThat(granted(2)).isEqualTo(1);
    now.set(75 * SECOND);
    assertThat(granted(20)).isEqualTo(14);
  }

  @Test
  void oneAFewSecondsNeverTrips() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.tryAcquire()).isTrue();
      assertThat(limit.tripped()).isFalse();
      now.addAndGet(60 * SECOND / 16);
    }
  }

  @Test
  void theTripEndsAWindowAfterTheLastRefusal() {
    granted(17);
    now.set(59 * SECOND);
    assertThat(limit.tryAcquire()).isFalse();
    now.set(60 * SECOND);
    assertThat(limit.tryAcquire()).as("granted, but still tripped").isTrue();
    assertThat(limit.tripped()).isTrue();
    now.set(119 * SECOND - 1);
    assertThat(limit.tripped()).isTrue();
    now.set(119 * SECOND);
    assertThat(limit.tripped()).isFalse();
    now.set(60 * SECOND);
    assertThat(limit.tripped()).as("a clock that has gone round").isFalse();
  }

  /** Against a list of all grants. */
  @Test
  void noWindowHasMoreAndNoneIsRefusedWithoutNeed() {
    Random random = new Random(11);
    Deque<Long> grants = new ArrayDeque<>();
    int granted = 0;
    int refused = 0;
    for (int i = 0; i < 100_000; i++) {
      now.addAndGet((long) (random.nextInt(8) * random.nextDouble() * SECOND));
      while (!grants.isEmpty() && now.get() - grants.peekFirst() >= 60 * SECOND) {
        grants.removeFirst();
      }
      boolean expected = grants.size() < 16;
      assertThat(limit.tryAcquire()).as("request %d", i).isEqualTo(expected);
      if (expected) {
        grants.addLast(now.get());
        granted++;
      } else {
        refused++;
      }
    }
    assertThat(granted).isGreaterThan(10_000);
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void manyThreadsTogetherGetSixteen() throws Exception {
    int threads = 8;
    // The ring is in order only if no two threads are between the clock and the ring.
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    LongSupplier clock =
        () -> {
          most.accumulateAndGet(inside.incrementAndGet(), Math::max);
          for (int spins = 0; spins < 100; spins++) {
            Thread.onSpinWait();
          }
          inside.decrementAndGet();
          return now.get();
        };
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 200; round++) {
        RemovalLimit shared = new RemovalLimit(clock);
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          results.add(
              pool.submit(
                  () -> {
                    start.await();
                    int granted = 0;
                    for (int request = 0; request < 10; request++) {
                      granted += shared.tryAcquire() ? 1 : 0;
                    }
                    return granted;
                  }));
        }
        int granted = 0;
        for (Future<Integer> result : results) {
          granted += result.get(1, TimeUnit.MINUTES);
        }
        assertThat(granted).isEqualTo(16);
        assertThat(shared.tripped()).isTrue();
      }
      assertThat(most).hasValue(1);
    } finally {
      pool.shutdownNow();
    }
  }
}

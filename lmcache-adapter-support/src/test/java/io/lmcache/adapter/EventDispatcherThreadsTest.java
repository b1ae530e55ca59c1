// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Keys.keys;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventDispatcherThreadsTest {

  private static final int GIVERS = 3;
  private static final int EVENTS = 20_000;
  private static final long HANG_SECONDS = 120;

  private final ExecutorService givers = Executors.newFixedThreadPool(GIVERS);
  private final ExecutorService deliverers = Executors.newFixedThreadPool(3);
  private final AtomicInteger tasks = new AtomicInteger();
  private final List<Throwable> failures = new ArrayList<>();

  @AfterEach
  void endThreads() {
    givers.shutdownNow();
    deliverers.shutdownNow();
  }

  /**
   * Hears one at a time, or notes that it did not. Its list is guarded by nothing, since nothing is
   * promised to be needed.
   */
  private static final class Exclusive implements L2AdapterListener {
    final List<Integer> numbers = new ArrayList<>();
    final CountDownLatch missing;
    final AtomicBoolean inside = new AtomicBoolean();
    final AtomicInteger overlaps = new AtomicInteger();

    Exclusive(int expected) {
      missing = new CountDownLatch(expected);
    }

    @Override
    public void stored(List<ObjectKey> keys, List<Long> sizes) {
      if (!inside.compareAndSet(false, true)) {
        overlaps.incrementAndGet();
      }
      numbers.add(Keys.number(keys.get(0)));
      inside.set(false);
      missing.countDown();
    }
  }

  private EventDispatcher dispatcher(L2AdapterListener listener) {
    return new EventDispatcher(
        listener,
        task -> {
          tasks.incrementAndGet();
          deliverers.execute(task);
        },
        (line, failure) -> {
          synchronized (failures) {
            failures.add(failure);
          }
        });
  }

  private void giveFromAll(Callable<Integer> giver) throws Exception {
    List<Callable<Integer>> all = new ArrayList<>();
    for (int t = 0; t < GIVERS; t++) {
      all.add(giver);
    }
    int given = 0;
    for (Future<Integer> one : givers.invokeAll(all, HANG_SECONDS, TimeUnit.SECONDS)) {
      given += one.get();
    }
    assertThat(given).isEqualTo(GIVERS * EVENTS);
  }

  @Test
  void allArriveOnceInTheOrderOfEachThread() throws Exception {
    Exclusive listener = new Exclusive(GIVERS * EVENTS);
    EventDispatcher dispatcher = dispatcher(listener);
    AtomicInteger threads = new AtomicInteger();
    giveFromAll(
        () -> {
          int thread = threads.getAndIncrement();
          for (int i = 0; i < EVENTS; i++) {
            dispatcher.stored(keys(thread * EVENTS + i), List.of(1L));
          }
          return EVENTS;
        });
    assertThat(listener.missing.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();

    int[] next = new int[GIVERS];
    for (int number : listener.numbers) {
      int thread = number / EVENTS;
      assertThat(number % EVENTS).isEqualTo(next[thread]);
      next[thread]++;
    }
    assertThat(next).containsOnly(EVENTS);
    assertThat(listener.overlaps).hasValue(0);
    assertThat(failures).isEmpty();
  }

  @Test
  void theOrderOfGivingIsTheOrderOfHearing() throws Exception {
    Exclusive listener = new Exclusive(GIVERS * EVENTS);
    EventDispatcher dispatcher = dispatcher(listener);
    int[] next = {0};
    giveFromAll(
        () -> {
          for (int i = 0; i < EVENTS; i++) {
            synchronized (next) {
              dispatcher.stored(keys(next[0]++), List.of(1L));
            }
          }
          return EVENTS;
        });
    assertThat(listener.missing.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < GIVERS * EVENTS; i++) {
      assertThat(listener.numbers.get(i)).isEqualTo(i);
    }
    assertThat(listener.overlaps).hasValue(0);
    assertThat(failures).isEmpty();
  }

  @Test
  void deliveryEndsAndBeginsAgainWithoutLosingAnEvent() throws Exception {
    // Each event is given when the one before was heard, so right while the task is about to end.
    int rounds = 20_000;
    for (int i = 0; i < rounds; i += 1_000) {
      pingPong(1_000);
    }
    assertThat(tasks).hasValueGreaterThan(rounds / 100);
    assertThat(failures).isEmpty();
  }

  private void pingPong(int rounds) throws InterruptedException {
    AtomicInteger heard = new AtomicInteger();
    CountDownLatch end = new CountDownLatch(1);
    EventDispatcher dispatcher =
        dispatcher(
            new L2AdapterListener() {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                if (heard.incrementAndGet() == rounds) {
                  end.countDown();
                }
              }
            });
    for (int i = 0; i < rounds; i++) {
      dispatcher.stored(keys(i), List.of(1L));
      long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
      while (heard.get() <= i) {
        Thread.onSpinWait();
        assertThat(System.nanoTime()).as("event %s is lost", i).isLessThan(limit);
      }
    }
    assertThat(end.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aListenerThatBlocksHoldsUpNobodyWhoGives() throws Exception {
    int backlog = EventDispatcher.ACCESSED_BACKLOG;
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch missing = new CountDownLatch(2 * backlog);
    AtomicInteger accessed = new AtomicInteger();
    EventDispatcher dispatcher =
        dispatcher(
            new L2AdapterListener() {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                blocked.countDown();
                try {
                  if (!go.await(HANG_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("never let go");
                  }
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                missing.countDown();
              }

              @Override
              public void accessed(List<ObjectKey> keys) {
                accessed.incrementAndGet();
              }
            });
    dispatcher.stored(keys(0), List.of(1L));
    assertThat(blocked.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();

    // All of this returns although the listener does not.
    for (int n = 1; n < 2 * backlog; n++) {
      dispatcher.stored(keys(n), List.of(1L));
      dispatcher.accessed(keys(n));
    }
    long dropped = dispatcher.droppedAccesses();
    assertThat(missing.getCount()).isEqualTo(2L * backlog);
    assertThat(dropped).isEqualTo(2L * backlog - 1 - backlog / 2);

    go.countDown();
    assertThat(missing.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(tasks).hasValue(1);
    assertThat(accessed.get() + dropped).isEqualTo(2L * backlog - 1);
    assertThat(failures).isEmpty();
  }
}

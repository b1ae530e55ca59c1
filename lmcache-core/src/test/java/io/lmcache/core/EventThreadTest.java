// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lmcache.core.fixture.Factories;
import io.lmcache.core.fixture.FakeAdapter;
import io.lmcache.spi.L2AdapterContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The thread that an adapter's events run on: lazy, in order, and gone after close. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EventThreadTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** More nanoseconds than a long can count. */
  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  @TempDir static Path directory;
  private static AdapterRegistry registry;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private String name = "";
  private OpenAdapter open = unopened();
  private Executor events = Runnable::run;

  @BeforeAll
  static void discover() {
    registry = AdapterRegistry.discover(Factories.loader(directory, Factories.Everything.class));
  }

  @SuppressWarnings("NullAway") // Set before each test.
  private static OpenAdapter unopened() {
    return null;
  }

  @BeforeEach
  void open() throws Exception {
    name = "ev" + NUMBER.incrementAndGet();
    open = open(name);
    events = context().completionExecutor();
  }

  private static OpenAdapter open(String name) throws Exception {
    return registry.open(
        registry.parse("#1", "{\"type\": \"everything\"}"), AdapterEnvironment.of(name));
  }

  private FakeAdapter fake() {
    return (FakeAdapter) open.adapter();
  }

  private L2AdapterContext context() {
    return fake().context();
  }

  private List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("lmc-events-" + name))
        .toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void thereIsNoThreadBeforeTheFirstEvent() throws Exception {
    assertThat(threads()).isEmpty();

    CompletableFuture<Thread> first = new CompletableFuture<>();
    events.execute(() -> first.complete(Thread.currentThread()));

    Thread thread = first.get(30, TimeUnit.SECONDS);
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).isEqualTo("lmc-events-" + name);
    assertThat(thread.getContextClassLoader())
        .isSameAs(Factories.Everything.class.getClassLoader());
    assertThat(threads()).containsExactly(thread);
    open.close(LONG);
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void aThreadWithoutWorkWaitsForWork() throws Exception {
    CompletableFuture<Thread> first = new CompletableFuture<>();
    events.execute(() -> first.complete(Thread.currentThread()));
    Thread thread = first.get(30, TimeUnit.SECONDS);

    // TIMED_WAITING would be one that wakes up by itself.
    while (thread.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    assertThat(thread.getState()).isEqualTo(Thread.State.WAITING);
    open.close(LONG);
  }

  @Test
  void closingWithoutEventsStartsNoThread() {
    open.close(LONG);

    assertThat(threads()).isEmpty();
  }

  @Test
  void eventsRunOneAtATimeAndInOrder() {
    List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
    List<Thread> runners = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      events.execute(
          () -> {
            seen.add(number);
            runners.add(Thread.currentThread());
          });
    }
    open.close(FOREVER);

    assertThat(seen).isEqualTo(IntStream.range(0, 10_000).boxed().toList());
    assertThat(runners.stream().distinct()).hasSize(1);
  }

  @Test
  void eventsOfTheCloseItselfAreHeard() {
    AtomicInteger heard = new AtomicInteger();
    fake()
        .onClose(
            () -> {
              for (int i = 0; i < 100; i++) {
                events.execute(heard::incrementAndGet);
              }
            });
    open.close(LONG);

    assertThat(heard).hasValue(100);
  }

  @Test
  void aTaskThatThrowsDisturbsNoOther() {
    AtomicInteger heard = new AtomicInteger();
    events.execute(
        () -> {
          throw new IllegalStateException("listener");
        });
    events.execute(
        () -> {
          throw new AssertionError("listener");
        });
    events.execute(heard::incrementAndGet);
    open.close(LONG);

    assertThat(heard).hasValue(1);
  }

  @Test
  void aListenerThatHangsHoldsUpNoClose() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Thread> runner = new CompletableFuture<>();
    AtomicInteger heard = new AtomicInteger();
    events.execute(
        () -> {
          runner.complete(Thread.currentThread());
          await(release);
        });
    events.execute(heard::incrementAndGet);
    Thread thread = runner.get(30, TimeUnit.SECONDS);

    open.close(Duration.ZERO);
    open.close(Duration.ofMillis(1));
    assertThat(heard).hasValue(0);

    release.countDown();
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(heard).hasValue(1);
  }

  @Test
  void eventsAfterTheCloseAreNotLost() throws Exception {
    open.close(LONG);
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Thread> late = new CompletableFuture<>();
      events.execute(() -> late.complete(Thread.currentThread()));

      Thread thread = late.get(30, TimeUnit.SECONDS);
      thread.join(30_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  @Test
  void aListenerMayClose() throws Exception {
    CompletableFuture<Thread> runner = new CompletableFuture<>();
    AtomicInteger heard = new AtomicInteger();
    CountDownLatch queued = new CountDownLatch(1);
    events.execute(
        () -> {
          await(queued);
          open.close(FOREVER);
          runner.complete(Thread.currentThread());
        });
    events.execute(heard::incrementAndGet);
    queued.countDown();

    Thread thread = runner.get(30, TimeUnit.SECONDS);
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(heard).hasValue(1);
  }

  @Test
  void anInterruptEndsTheWaitAndIsKept() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    events.execute(() -> await(release));

    Thread.currentThread().interrupt();
    open.close(LONG);
    assertThat(Thread.interrupted()).isTrue();

    release.countDown();
    open.close(LONG);
    assertThat(threads()).filteredOn(Thread::isAlive).isEmpty();
  }

  @Test
  void aCloseThatThrowsStillEndsTheThread() throws Exception {
    CompletableFuture<Thread> runner = new CompletableFuture<>();
    events.execute(() -> runner.complete(Thread.currentThread()));
    Thread thread = runner.get(30, TimeUnit.SECONDS);
    fake()
        .onClose(
            () -> {
              throw new IllegalStateException("close");
            });

    assertThat(catchThrowable(() -> open.close(LONG))).hasMessage("close");
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void oddNamesMakeTidyThreads() throws Exception {
    CompletableFuture<String> runner = new CompletableFuture<>();
    try (OpenAdapter odd = open("tab\there " + "x".repeat(200))) {
      L2AdapterContext context = ((FakeAdapter) odd.adapter()).context();
      context.completionExecutor().execute(() -> runner.complete(Thread.currentThread().getName()));
      assertThat(runner.get(30, TimeUnit.SECONDS))
          .startsWith("lmc-events-tab\\there xxx")
          .hasSizeLessThan(64);
    }
  }

  @Test
  void threadsOfTheAdapterAreDaemonsThatItNames() {
    Thread one = context().threads().newThread(() -> {});
    Thread two = context().threads().newThread(() -> {});

    assertThat(one.isDaemon()).isTrue();
    assertThat(List.of(one.getName(), two.getName()))
        .containsExactly("lmc-" + name + "-1", "lmc-" + name + "-2");
    one.setName("lmc-io-3");
    assertThat(one.getName()).isEqualTo("lmc-io-3");
    assertThat(one.getState()).isEqualTo(Thread.State.NEW);
  }
}

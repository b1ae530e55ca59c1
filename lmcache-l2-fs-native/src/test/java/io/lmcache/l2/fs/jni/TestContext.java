// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A context whose clock stands still until it is moved, and which writes down what it hears. */
final class TestContext implements L2AdapterContext, L2AdapterListener {

  /** Only finds a hang. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final CommonConfig common;
  private final ManualClock clock = new ManualClock();
  private final List<String> events = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> health = new CopyOnWriteArrayList<>();
  private int failing;

  /** What the owner does when it is asked for room. */
  volatile LongFunction<CompletionStage<Long>> owner =
      bytes -> CompletableFuture.completedStage(0L);

  TestContext() {
    this(CommonConfig.DEFAULT);
  }

  TestContext(CommonConfig common) {
    this.common = common;
  }

  /** The n-th thread that is made cannot be started, as where the system has none left. */
  void failThread(int nth) {
    failing = nth;
  }

  /** Listeners are called where events are given, so that a test sees them without waiting. */
  @Override
  public Executor completionExecutor() {
    return Runnable::run;
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public int index() {
    return 0;
  }

  @Override
  public CommonConfig common() {
    return common;
  }

  @Override
  public int bufferAlignment() {
    return 4096;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }

  @Override
  public ThreadFactory threads() {
    return work -> {
      synchronized (threads) {
        Thread thread = threads.size() + 1 == failing ? new Unstartable(work) : new Thread(work);
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
      }
    };
  }

  /** How many threads were made. */
  int madeThreads() {
    synchronized (threads) {
      return threads.size();
    }
  }

  /** The threads that were made and still run. */
  List<String> liveThreads() {
    synchronized (threads) {
      return threads.stream().filter(Thread::isAlive).map(Thread::getName).toList();
    }
  }

  /** Waits until all of them have ended, as they do by themselves after a close. */
  void awaitNoThreads() {
    await("the end of threads", () -> liveThreads().isEmpty(), this::liveThreads);
  }

  void awaitUntil(String what, BooleanSupplier condition) {
    await(what, condition, () -> "none");
  }

  private static void await(String what, BooleanSupplier condition, Supplier<Object> state) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > LIMIT.toNanos()) {
        throw new AssertionError("hangs: awaited " + what + ", there are " + state.get());
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public L2AdapterListener listener() {
    return this;
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    return owner.apply(bytes);
  }

  @Override
  public L2Adapter open(AdapterSpec inner) {
    throw new UnsupportedOperationException("no inner adapters here");
  }

  /**
   * What was heard of the health since the open, once it is so much; more is the caller's to find.
   */
  List<String> health(int expected) {
    await(expected + " changes of health", () -> health.size() >= expected, () -> health);
    return health;
  }

  @Override
  public void healthChanged(Health now, String reason) {
    health.add(now + " " + reason);
  }

  private void note(String event) {
    synchronized (events) {
      events.add(event);
    }
  }

  /**
   * What was heard since the last call. Events come after the stage, so this waits until there are
   * as many as expected; more, or none where none are expected, are the caller's to find.
   */
  List<String> takeEvents(int expected) {
    await(expected + " events", () -> heard().size() >= expected, this::heard);
    synchronized (events) {
      List<String> taken = List.copyOf(events);
      events.clear();
      return taken;
    }
  }

  private List<String> heard() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    note("stored " + keys + " " + sizes);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    note("recovered " + keys + " " + sizes);
  }

  @Override
  public void accessed(List<ObjectKey> keys) {
    note("accessed " + keys);
  }

  @Override
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    note("removed " + keys + " " + sizes + " " + reason);
  }

  /** A thread that the system has no room for. */
  private static final class Unstartable extends Thread {
    Unstartable(Runnable work) {
      super(work);
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public void start() {
      throw new OutOfMemoryError("unable to create native thread");
    }
  }

  /** Time that passes when told to. */
  static final class ManualClock extends Clock {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(@Nullable ZoneId zone) {
      return this;
    }
  }
}

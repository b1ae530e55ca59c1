// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A context whose clock stands still until it is moved, and which writes down what it hears. */
final class TestContext implements L2AdapterContext, L2AdapterListener {

  private final ManualClock clock = new ManualClock();
  private final List<String> events = new ArrayList<>();
  private final Map<ObjectKey, Long> present = new HashMap<>();
  private final List<String> contradictions = new ArrayList<>();
  private final Map<ObjectKey, Instant> ages = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger threadsLeft = new AtomicInteger(Integer.MAX_VALUE);

  /** What to do when recovered objects have been heard of. */
  volatile Runnable onRecovered = () -> {};

  /** What the owner does when it is asked for room. */
  volatile LongFunction<CompletionStage<Long>> owner =
      bytes -> CompletableFuture.completedStage(0L);

  private volatile boolean deaf;
  private volatile boolean idleThreads;
  private volatile CommonConfig common = CommonConfig.DEFAULT;

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

  /** Others use the same storage. */
  void share() {
    common = new CommonConfig(null, true, true);
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
      if (threadsLeft.decrementAndGet() < 0) {
        throw new OutOfMemoryError("planned: no more threads");
      }
      Thread thread = new Thread(idleThreads ? () -> {} : work);
      thread.setDaemon(true);
      synchronized (threads) {
        threads.add(thread);
      }
      return thread;
    };
  }

  /** No thread is made after so many. */
  void refuseThreadsAfter(int count) {
    threadsLeft.set(count);
  }

  /** Threads do nothing from now on, as if they had died. */
  void makeIdleThreads() {
    idleThreads = true;
  }

  /** The threads that were made and still run. */
  List<String> liveThreads() {
    synchronized (threads) {
      return threads.stream().filter(Thread::isAlive).map(Thread::getName).toList();
    }
  }

  /** Nobody listens; before an adapter is opened. */
  void listenToNothing() {
    deaf = true;
  }

  @Override
  public L2AdapterListener listener() {
    return deaf ? L2AdapterListener.NONE : this;
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    return owner.apply(bytes);
  }

  @Override
  public L2Adapter open(AdapterSpec inner) {
    throw new UnsupportedOperationException("no inner adapters here");
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
    while (true) {
      synchronized (events) {
        if (events.size() >= expected) {
          List<String> taken = List.copyOf(events);
          events.clear();
          return taken;
        }
      }
      Thread.onSpinWait();
    }
  }

  /** What is there, if the events are true. */
  Set<ObjectKey> present() {
    synchronized (events) {
      return Set.copyOf(present.keySet());
    }
  }

  /** How large it is, if the events are true. */
  Map<ObjectKey, Long> believed() {
    synchronized (events) {
      return Map.copyOf(present);
    }
  }

  /** What was told that cannot be, after what was told before. */
  List<String> contradictions() {
    synchronized (events) {
      return List.copyOf(contradictions);
    }
  }

  /** What was told to be recovered and when it was published, in the order of the telling. */
  Map<ObjectKey, Instant> ages() {
    synchronized (events) {
      return new LinkedHashMap<>(ages);
    }
  }

  private void here(String how, List<ObjectKey> keys, List<Long> sizes) {
    synchronized (events) {
      for (int i = 0; i < keys.size(); i++) {
        if (present.put(keys.get(i), sizes.get(i)) != null) {
          contradictions.add(how + " what was there: " + keys.get(i));
        }
      }
    }
  }

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    here("stored", keys, sizes);
    note("stored " + keys + " " + sizes);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    here("recovered", keys, sizes);
    synchronized (events) {
      for (int i = 0; i < keys.size(); i++) {
        ages.put(keys.get(i), lastModified.get(i));
      }
    }
    note("recovered " + keys + " " + sizes);
    onRecovered.run();
  }

  @Override
  public void accessed(List<ObjectKey> keys) {
    note("accessed " + keys);
  }

  @Override
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    synchronized (events) {
      for (int i = 0; i < keys.size(); i++) {
        Long size = present.remove(keys.get(i));
        if (!sizes.get(i).equals(size)) {
          contradictions.add("removed " + sizes.get(i) + " bytes of " + size + ": " + keys.get(i));
        }
      }
    }
    note("removed " + keys + " " + sizes + " " + reason);
  }

  @Override
  public void healthChanged(Health health, String reason) {
    note("health " + health + " " + reason);
  }

  /** Time that passes when told to. */
  static final class ManualClock extends Clock {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final AtomicInteger looks = new AtomicInteger(Integer.MIN_VALUE);

    /** Lets so many looks at it pass; the one after them overflows the stack. */
    void overflowAfter(int passing) {
      looks.set(-passing - 1);
    }

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      if (looks.incrementAndGet() == 0) {
        throw new StackOverflowError("planned");
      }
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

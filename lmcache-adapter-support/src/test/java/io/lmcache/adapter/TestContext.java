// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A context whose clock stands still until it is moved, and which writes down what it hears. */
final class TestContext implements L2AdapterContext, L2AdapterListener {

  private final ManualClock clock = new ManualClock();
  private final List<String> events = new ArrayList<>();
  private final Set<ObjectKey> present = new HashSet<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger threadsLeft = new AtomicInteger(Integer.MAX_VALUE);
  private volatile boolean idleThreads;

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
    return CommonConfig.DEFAULT;
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

  @Override
  public L2AdapterListener listener() {
    return this;
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    return CompletableFuture.completedFuture(0L);
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
      return Set.copyOf(present);
    }
  }

  private void here(List<ObjectKey> keys) {
    synchronized (events) {
      present.addAll(keys);
    }
  }

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    here(keys);
    note("stored " + keys + " " + sizes);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    here(keys);
    note("recovered " + keys + " " + sizes);
  }

  @Override
  public void accessed(List<ObjectKey> keys) {
    note("accessed " + keys);
  }

  @Override
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    synchronized (events) {
      present.removeAll(Set.copyOf(keys));
    }
    note("removed " + keys + " " + sizes + " " + reason);
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

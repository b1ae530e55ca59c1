// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongFunction;

/** The least that an adapter can run in; it counts threads. */
final class TestContext implements L2AdapterContext {

  private final CommonConfig common;
  private final List<Thread> threads = new ArrayList<>();

  /** Who is told of what happens. */
  volatile L2AdapterListener listener = L2AdapterListener.NONE;

  /** What the owner does when it is asked for room. */
  volatile LongFunction<CompletionStage<Long>> owner =
      bytes -> CompletableFuture.completedStage(0L);

  TestContext(CommonConfig common) {
    this.common = common;
  }

  /** The names of the threads that were made and still run. */
  List<String> liveThreads() {
    synchronized (threads) {
      return threads.stream().filter(Thread::isAlive).map(Thread::getName).sorted().toList();
    }
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
  public Clock clock() {
    return Clock.systemUTC();
  }

  @Override
  public ThreadFactory threads() {
    return work -> {
      Thread thread = new Thread(work);
      thread.setDaemon(true);
      synchronized (threads) {
        threads.add(thread);
      }
      return thread;
    };
  }

  @Override
  public Executor completionExecutor() {
    return Runnable::run;
  }

  @Override
  public L2AdapterListener listener() {
    return listener;
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    return owner.apply(bytes);
  }

  @Override
  public L2Adapter open(AdapterSpec inner) {
    throw new UnsupportedOperationException("no inner adapters here");
  }
}

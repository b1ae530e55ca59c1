// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageSeam;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * What the contract gives the adapters of one test. Its executor has several threads, as the SPI
 * allows: events that must come one at a time have to be put in order by the adapter.
 *
 * <p>Safe for use by many threads.
 */
final class TestContext implements L2AdapterContext, StorageSeam, ThreadFactory, AutoCloseable {

  private static final int EVENT_THREADS = 3;

  private final AdapterSpec spec;
  private final TestClock clock;
  private final RecordingListener listener;
  private final StorageStall stall;
  private final boolean examination;
  private final List<Thread> made = new ArrayList<>();
  private final ExecutorService executor =
      Executors.newFixedThreadPool(
          EVENT_THREADS,
          work -> {
            Thread thread = new Thread(work, "lmc-test-events");
            thread.setDaemon(true);
            return thread;
          });

  TestContext(
      AdapterSpec spec,
      TestClock clock,
      RecordingListener listener,
      StorageStall stall,
      boolean examination) {
    this.spec = spec;
    this.clock = clock;
    this.listener = listener;
    this.stall = stall;
    this.examination = examination;
  }

  @Override
  public BlockingStorage around(BlockingStorage storage) {
    return stall.around(storage);
  }

  @Override
  public String name() {
    return "contract";
  }

  @Override
  public int index() {
    return 0;
  }

  /** An examination is one of a configuration that would have removed what is there. */
  @Override
  public CommonConfig common() {
    CommonConfig common = spec.common();
    return examination
        ? new CommonConfig(common.eviction(), common.shared(), common.shared())
        : common;
  }

  @Override
  public boolean examination() {
    return examination;
  }

  @Override
  public int bufferAlignment() {
    return 4096;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public ThreadFactory threads() {
    return this;
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    synchronized (made) {
      made.add(thread);
    }
    return thread;
  }

  /** The names of the adapter's threads that still run. */
  List<String> liveThreads() {
    synchronized (made) {
      return made.stream().filter(Thread::isAlive).map(Thread::getName).toList();
    }
  }

  @Override
  public Executor completionExecutor() {
    return executor;
  }

  @Override
  public RecordingListener listener() {
    return listener;
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    return CompletableFuture.completedStage(0L);
  }

  @Override
  public L2Adapter open(AdapterSpec inner) throws L2ConfigException, IOException {
    L2AdapterFactory factory =
        Factories.find(inner.type())
            .orElseThrow(
                () ->
                    new L2ConfigException(
                        new Problem(inner.where(), "type", "no adapter of this type is there")));
    return factory.open(inner, this);
  }

  /** Ends the threads that call the listener, once what waits for them is done. */
  @Override
  public void close() {
    executor.shutdown();
  }
}

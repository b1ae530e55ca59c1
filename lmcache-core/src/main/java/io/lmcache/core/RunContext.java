// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one adapter gets. An adapter inside it gets the same, with its own name and common fields;
 * it shares the event thread and speaks to the same listener. Safe for use by many threads.
 */
final class RunContext implements L2AdapterContext {

  private static final Logger LOG = LoggerFactory.getLogger(RunContext.class);

  private final AdapterRegistry registry;
  private final AdapterEnvironment environment;
  private final AdapterSpec spec;
  private final ThreadFactory threads;
  private final EventThread events;
  private final ProgramFields fields;
  private final AtomicInteger opened = new AtomicInteger();

  /** Adapters inside this one while it opens; null once it is open, as it closes them itself. */
  private @Nullable List<L2Adapter> inner = new ArrayList<>();

  RunContext(
      AdapterRegistry registry,
      AdapterEnvironment environment,
      AdapterSpec spec,
      ThreadFactory threads,
      EventThread events,
      ProgramFields fields) {
    this.registry = registry;
    this.environment = environment;
    this.spec = spec;
    this.threads = threads;
    this.events = events;
    this.fields = fields;
  }

  @Override
  public String name() {
    return environment.name();
  }

  @Override
  public int index() {
    return environment.index();
  }

  @Override
  public CommonConfig common() {
    return spec.common();
  }

  @Override
  public boolean examination() {
    return environment.examination();
  }

  @Override
  public int bufferAlignment() {
    return environment.bufferAlignment();
  }

  @Override
  public Clock clock() {
    return environment.clock();
  }

  @Override
  public ThreadFactory threads() {
    return threads;
  }

  @Override
  public Executor completionExecutor() {
    return events;
  }

  @Override
  public L2AdapterListener listener() {
    return environment.listener();
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    try {
      return environment
          .roomMaker()
          .needRoom(bytes)
          .handle((freed, thrown) -> thrown == null ? freedBytes(freed) : noRoom(thrown));
    } catch (Throwable e) {
      // Whatever it is, a checked exception of an owner in another language too.
      return CompletableFuture.completedStage(noRoom(e));
    }
  }

  private static Long freedBytes(@Nullable Long freed) {
    return freed == null ? 0L : Math.max(0, freed);
  }

  private static Long noRoom(Throwable thrown) {
    LOG.warn("making room failed", thrown);
    return 0L;
  }

  @Override
  public L2Adapter open(AdapterSpec innerSpec) throws L2ConfigException, IOException {
    AdapterSpec placed =
        innerSpec instanceof ParsedSpec
            ? innerSpec
            : new MovedSpec(innerSpec, spec.where() + ": inner (" + innerSpec.type() + ")");
    int number = opened.incrementAndGet();
    AdapterEnvironment innerEnvironment =
        new AdapterEnvironment(
            name() + ".inner" + (number == 1 ? "" : number),
            index(),
            bufferAlignment(),
            clock(),
            listener(),
            environment.roomMaker(),
            examination());
    L2Adapter adapter = registry.openInside(placed, innerEnvironment, events, fields);
    remember(adapter);
    return adapter;
  }

  private synchronized void remember(L2Adapter adapter) {
    if (inner != null) {
      inner.add(adapter);
    }
  }

  /** The adapter is open: those inside are its own now. */
  synchronized void opened() {
    inner = null;
  }

  /** The adapter did not open: closes those inside, which nobody else knows any more. */
  void abandoned(Throwable why) {
    List<L2Adapter> left;
    synchronized (this) {
      left = inner == null ? List.of() : inner;
      inner = null;
    }
    for (L2Adapter adapter : left) {
      try {
        adapter.close(Duration.ZERO);
      } catch (RuntimeException e) {
        why.addSuppressed(e);
      }
    }
  }
}

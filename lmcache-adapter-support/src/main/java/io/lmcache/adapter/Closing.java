// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.L2AdapterContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Closes an adapter: waits for what is under way up to the bound, ends what no worker has begun,
 * lets the threads go.
 *
 * <p><b>Why it cannot hang.</b> Every wait has the bound, and who must not wait does not: a close
 * from one of the adapter's threads, or from what a caller chained to a stage, is handed to a
 * thread of its own. What is inside a storage call when the bound is over keeps its worker, and the
 * backend frees the storage when that has returned.
 */
final class Closing {

  private static final Logger log = System.getLogger(Closing.class.getName());

  private final Backend<?> backend;
  private final RequestFlow<?> flow;
  private final CloseState state;
  private final Continuations continuations;
  private final ListingThread listings;
  private final Recovery recovery;
  private final L2AdapterContext context;

  Closing(
      Backend<?> backend,
      RequestFlow<?> flow,
      CloseState state,
      Continuations continuations,
      ListingThread listings,
      Recovery recovery,
      L2AdapterContext context) {
    this.backend = backend;
    this.flow = flow;
    this.state = state;
    this.continuations = continuations;
    this.listings = listings;
    this.recovery = recovery;
    this.context = context;
  }

  CloseReport close(Duration bound) {
    long nanos = CloseState.nanos(bound);
    boolean first = flow.stopIntake();
    if (mustNotWait()) {
      if (first) {
        closeElsewhere(nanos);
      }
      return new CloseReport(0, 0, state.underWay());
    }
    if (first) {
      return closeFirst(nanos);
    }
    long end = System.nanoTime() + nanos;
    CloseReport report = state.awaitReport(nanos);
    // The storage is closed when its last user has left: whoever closes once more waits for that.
    joinThreads(end);
    return report;
  }

  private void closeElsewhere(long nanos) {
    try {
      Thread closer = context.threads().newThread(() -> closeFirst(nanos));
      closer.setName("lmc-close");
      closer.start();
    } catch (RuntimeException | Error e) {
      log.log(Level.WARNING, context.name() + ": no thread to close on, so it does not wait", e);
      closeFirst(0);
    }
  }

  /** Ends an adapter that could not be opened: nothing is under way, so the threads end at once. */
  void abandon() {
    flow.stopIntake();
    recovery.stop();
    backend.stop();
    long end = System.nanoTime() + CloseState.nanos(CloseState.FOREVER);
    backend.threads().forEach(thread -> CloseState.join(thread, end));
  }

  private void joinThreads(long end) {
    List<Thread> threads = new ArrayList<>(backend.threads());
    threads.addAll(listings.threads());
    threads.addAll(recovery.threads());
    threads.forEach(thread -> CloseState.join(thread, end));
  }

  private boolean mustNotWait() {
    // The recovery thread too: listeners may be called on it.
    return continuations.areRunningHere()
        || backend.threads().contains(Thread.currentThread())
        || recovery.threads().contains(Thread.currentThread());
  }

  private CloseReport closeFirst(long nanos) {
    long end = System.nanoTime() + nanos;
    recovery.stop();
    int underWay = state.underWay();
    int failed = 0;
    int inKernel = 0;
    boolean drained = state.awaitIdle(end);
    if (!drained) {
      failed = flow.abort();
      inKernel = backend.running() + listings.running();
    }
    backend.stop();
    listings.stop();
    if (drained) {
      joinThreads(end);
    } else if (inKernel > 0) {
      log.log(
          Level.WARNING,
          context.name()
              + ": closed with "
              + inKernel
              + " keys still inside a storage call; their buffers stay lent");
    }
    CloseReport report =
        new CloseReport(Math.max(0, underWay - failed - inKernel), failed, inKernel);
    state.closed(report);
    return report;
  }
}

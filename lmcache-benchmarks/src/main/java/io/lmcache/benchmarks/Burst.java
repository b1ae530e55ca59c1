// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * More work than an adapter can do, until it is closed: chains of stores under ever new keys, each
 * of which deletes the oldest object once there are enough, and chains of lookups that hit.
 *
 * <p>A store's chain goes on when the delete is done, and so the disk holds no more objects than
 * are kept and under way. Chains run on the adapter's threads and end at the first completion after
 * the stop or a failure; closing waits for all of them.
 */
final class Burst implements AutoCloseable {

  /** How many operations of each class have completed; of lookups, how many keys. */
  record Done(long stores, long deletes, long lookups, long nanos) {

    Done minus(Done before) {
      return new Done(
          stores - before.stores,
          deletes - before.deletes,
          lookups - before.lookups,
          nanos - before.nanos);
    }

    double perSecond(long count) {
      return count * 1e9 / nanos;
    }
  }

  private static final int LOOKUP_CHAINS = 2;
  private static final int FIRST_KEY = 1_000_000;
  private static final long HANG_SECONDS = 300;

  private final L2Adapter adapter;
  private final Memory from;
  private final int kept;
  private final LookupRequest lookup;
  private final AtomicInteger nextKey = new AtomicInteger(FIRST_KEY);
  private final AtomicInteger there = new AtomicInteger();
  private final Queue<ObjectKey> oldest = new ConcurrentLinkedQueue<>();
  private final AtomicLong stores = new AtomicLong();
  private final AtomicLong deletes = new AtomicLong();
  private final AtomicLong lookups = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CountDownLatch ended;
  private volatile boolean stopped;

  private Burst(L2Adapter adapter, Memory from, int inFlight, int kept, List<ObjectKey> hits) {
    this.adapter = adapter;
    this.from = from;
    this.kept = kept;
    this.lookup = new LookupRequest(hits, Extent.ALL, false, Options.DEFAULT);
    this.ended = new CountDownLatch(inFlight + LOOKUP_CHAINS);
  }

  /**
   * Starts.
   *
   * @param from a buffer for each store that is under way
   * @param kept how many objects there are before the first is deleted
   * @param hits keys that are there
   */
  static Burst start(L2Adapter adapter, Memory from, int inFlight, int kept, List<ObjectKey> hits) {
    Burst burst = new Burst(adapter, from, inFlight, kept, hits);
    for (int i = 0; i < inFlight; i++) {
      int slot = i;
      burst.chain(() -> burst.storeAndDelete(slot));
    }
    for (int i = 0; i < LOOKUP_CHAINS; i++) {
      burst.chain(burst::lookUp);
    }
    return burst;
  }

  private void chain(Supplier<CompletionStage<?>> step) {
    if (stopped || failure.get() != null) {
      ended.countDown();
      return;
    }
    step.get()
        .whenComplete(
            (answer, thrown) -> {
              if (thrown != null) {
                failure.compareAndSet(null, thrown);
              }
              chain(step);
            });
  }

  private CompletionStage<?> storeAndDelete(int slot) {
    ObjectKey key = FsNative.key(nextKey.getAndIncrement());
    return adapter
        .store(StoreRequest.of(List.of(new StoreItem(key, from.slot(slot)))))
        .thenCompose(
            result -> {
              must(result.outcome(0) == StoreOutcome.STORED, result);
              stores.incrementAndGet();
              oldest.add(key);
              return there.incrementAndGet() > kept
                  ? deleteOldest()
                  : CompletableFuture.completedStage(new DeleteResult(List.of()));
            });
  }

  private CompletionStage<DeleteResult> deleteOldest() {
    there.decrementAndGet();
    return adapter
        .delete(new DeleteRequest(List.of(oldest.remove()), Options.DEFAULT))
        .thenApply(
            result -> {
              must(result.outcome(0) == DeleteOutcome.DELETED, result);
              deletes.incrementAndGet();
              return result;
            });
  }

  private CompletionStage<?> lookUp() {
    return adapter
        .lookup(lookup)
        .thenAccept(
            lease -> {
              for (int i = 0; i < lease.size(); i++) {
                must(lease.hit(i), "a key that is there is no hit");
              }
              lookups.addAndGet(lease.size());
              lease.close();
            });
  }

  private static void must(boolean good, Object what) {
    if (!good) {
      throw new IllegalStateException("not as it should be: " + what);
    }
  }

  /** What has been done by now. */
  Done done(long now) {
    return new Done(stores.get(), deletes.get(), lookups.get(), now);
  }

  /** Whether every class of work has gone on since then. */
  boolean hasGoneOn(Done since) {
    Done more = done(since.nanos()).minus(since);
    return more.stores() > 0 && more.deletes() > 0 && more.lookups() > 0;
  }

  /** Waits until every class of work is going on. */
  void awaitAllClasses() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
    while (deletes.get() == 0 || lookups.get() == 0) {
      must(failure.get() == null, failure);
      must(System.nanoTime() - end < 0, "the burst hangs");
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      must(ended.await(HANG_SECONDS, TimeUnit.SECONDS), "the burst does not end");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    must(failure.get() == null, failure);
  }
}

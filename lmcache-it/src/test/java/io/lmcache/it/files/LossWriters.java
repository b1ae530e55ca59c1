// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.it.files.LossEvent.Kind;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that store, replace and delete, each keys of its own and a batch at a time, and tell what
 * they begin before they do and what came of it once the stage has completed. They end when they
 * are not to go on, or after so many batches as no drill needs. Needs no test library: children
 * have none.
 *
 * @param deletes whether there are any
 * @param firstVersion greater than all that were stored before
 */
record LossWriters(
    FileAdapter adapter,
    LossKeys keys,
    Consumer<LossEvent> events,
    BooleanSupplier goesOn,
    boolean deletes,
    long seed,
    int firstVersion) {

  /** How many versions a run takes at most. */
  static final int MOST_BATCHES = 20_000;

  private static final int THREADS = 4;
  private static final int MOST_KEYS = 6;

  /** O_DIRECT needs no more on any disk. */
  private static final int BLOCK = 4096;

  void run() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        running.add(threads.submit((Callable<Void>) () -> write(thread)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a writer failed", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private Void write(int thread) {
    SplittableRandom lot = new SplittableRandom(seed * THREADS + thread);
    for (int i = 0; i < MOST_BATCHES && goesOn.getAsBoolean(); i++) {
      TreeSet<Integer> some = new TreeSet<>();
      for (int left = 1 + lot.nextInt(MOST_KEYS); left > 0; left--) {
        some.add(lot.nextInt(keys.busy() / THREADS) * THREADS + thread);
      }
      int kind = lot.nextInt(10);
      if (deletes && kind == 0) {
        delete(List.copyOf(some));
      } else {
        store(
            List.copyOf(some),
            firstVersion + i,
            kind < 4 ? StoreMode.IF_ABSENT : StoreMode.REPLACE);
      }
    }
    return null;
  }

  /** One batch. */
  void store(List<Integer> some, int version, StoreMode mode) {
    List<StoreItem> items = new ArrayList<>();
    for (int n : some) {
      ObjectKey key = LossKeys.key(n);
      items.add(new StoreItem(key, Content.of(key, version, keys.size(n, version), BLOCK)));
    }
    some.forEach(n -> events.accept(LossEvent.of(Kind.STORING, n, version)));
    StoreResult result =
        FileAdapter.await(adapter.adapter().store(new StoreRequest(items, mode, Options.DEFAULT)));
    for (int i = 0; i < some.size(); i++) {
      Kind kind =
          switch (result.outcome(i)) {
            case STORED -> Kind.STORED;
            case ALREADY_PRESENT -> Kind.KEPT;
            case FAILED -> Kind.FAILED;
          };
      events.accept(new LossEvent(kind, some.get(i), version, text(result.error(i))));
    }
  }

  private void delete(List<Integer> some) {
    some.forEach(n -> events.accept(LossEvent.of(Kind.DELETING, n, LossModel.ABSENT)));
    List<ObjectKey> all = some.stream().map(LossKeys::key).toList();
    DeleteResult result = FileAdapter.await(adapter.adapter().delete(DeleteRequest.of(all)));
    for (int i = 0; i < some.size(); i++) {
      Kind kind =
          switch (result.outcome(i)) {
            case DELETED -> Kind.DELETED;
            case ABSENT -> Kind.ABSENT;
            case PINNED, FAILED -> Kind.FAILED;
          };
      events.accept(new LossEvent(kind, some.get(i), LossModel.ABSENT, text(result.error(i))));
    }
  }

  private static String text(@Nullable Object error) {
    return error == null ? "" : error.toString();
  }
}

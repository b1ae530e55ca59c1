// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** What several mutants of close are made of. */
final class Closings {

  /** After so long a mutant that waits for itself gives up, so that a run ends. */
  static final Duration LONG = Duration.ofSeconds(8);

  private Closings() {}

  /** An adapter that knows whether it was closed. */
  static class Closing extends ForwardingAdapter {

    final AtomicBoolean closed = new AtomicBoolean();

    Closing(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CloseReport close(Duration bound) {
      closed.set(true);
      return super.close(bound);
    }
  }

  static Mutant of(String rule, String fault, Function<L2Adapter, L2Adapter> broken) {
    return new Mutant(rule, fault) {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return slow(storage);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return broken.apply(adapter);
      }
    };
  }

  /** So that there is work under way when a close comes. */
  static BlockingStorage slow(BlockingStorage storage) {
    return new ForwardingStorage(storage) {
      @Override
      public void put(ObjectKey key, MemoryObject object) throws IOException {
        LockSupport.parkNanos(200_000);
        super.put(key, object);
      }
    };
  }

  /** Hands out stages of its own for stores, and does something with those that were CLOSED. */
  abstract static class Stores extends Closing {

    final Set<CompletableFuture<StoreResult>> open = ConcurrentHashMap.newKeySet();

    Stores(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      if (closed.get()) {
        return super.store(request);
      }
      CompletableFuture<StoreResult> stage = new CompletableFuture<>();
      open.add(stage);
      super.store(request)
          .thenAccept(
              result -> {
                L2Error error = result.error(0);
                ended(request, stage, result, error != null && error.code() == L2ErrorCode.CLOSED);
              });
      return stage.minimalCompletionStage();
    }

    void ended(
        StoreRequest request,
        CompletableFuture<StoreResult> stage,
        StoreResult result,
        boolean wasClosed) {
      stage.complete(result);
    }
  }

  static Mutant reporting(String rule, String fault, Function<CloseReport, CloseReport> changed) {
    return of(
        rule,
        fault,
        sound ->
            new ForwardingAdapter(sound) {
              @Override
              public CloseReport close(Duration bound) {
                return changed.apply(super.close(bound));
              }
            });
  }

  interface Call {
    void run() throws IOException;
  }

  static void unchecked(Call call) {
    try {
      call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void await(BooleanSupplier condition, Duration bound) {
    long end = System.nanoTime() + Math.min(bound.toMillis(), LONG.toMillis()) * 1_000_000;
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000);
    }
  }
}

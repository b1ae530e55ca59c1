// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Closes that forget, wait for ever or lie. */
final class CloseMutants {

  private CloseMutants() {}

  static List<Mutant> all() {
    return Stream.of(afterClose(), CloseWorkMutants.all(), fromInside(), LeftBehindMutants.all())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Mutant> afterClose() {
    return List.of(
        aLoadAfterCloseFindsNothing(),
        aLookupAfterCloseThrows(),
        aPageAfterCloseIsEmpty(),
        theThirdCloseThrows(),
        theSecondCloseDoesNotWait());
  }

  private static List<Mutant> fromInside() {
    return List.of(closeWaitsForItsContinuation(), closeWaitsForItsListener());
  }

  // ---- after close

  private static Mutant aLoadAfterCloseFindsNothing() {
    return Closings.of(
        "CLOSE-1",
        "a load after close says NOT_FOUND",
        sound ->
            new Closings.Closing(sound) {
              @Override
              public CompletionStage<LoadResult> load(LoadRequest request) {
                KeyResult<LoadOutcome> missing = KeyResult.of(LoadOutcome.NOT_FOUND);
                return closed.get()
                    ? CompletableFuture.completedStage(
                        new LoadResult(request.items().stream().map(item -> missing).toList()))
                    : super.load(request);
              }
            });
  }

  private static Mutant aLookupAfterCloseThrows() {
    return Closings.of(
        "CLOSE-1",
        "a lookup after close throws",
        sound ->
            new Closings.Closing(sound) {
              @Override
              public CompletionStage<LookupLease> lookup(LookupRequest request) {
                if (closed.get()) {
                  throw new IllegalStateException("closed, " + request.keys().size() + " keys");
                }
                return super.lookup(request);
              }
            });
  }

  private static Mutant aPageAfterCloseIsEmpty() {
    return Closings.of(
        "CLOSE-1",
        "a page after close is empty and has no error",
        sound ->
            new Closings.Closing(sound) {
              @Override
              public CompletionStage<KeyPage> list(ListRequest request) {
                return closed.get()
                    ? CompletableFuture.completedStage(new KeyPage(List.of(), null, null))
                    : super.list(request);
              }
            });
  }

  private static Mutant theThirdCloseThrows() {
    return Closings.of(
        "CLOSE-2",
        "the third close throws",
        sound ->
            new ForwardingAdapter(sound) {
              private final AtomicInteger closes = new AtomicInteger();

              @Override
              public CloseReport close(Duration bound) {
                if (closes.incrementAndGet() == 3) {
                  throw new IllegalStateException("closed 2 times already");
                }
                return super.close(bound);
              }
            });
  }

  private static Mutant theSecondCloseDoesNotWait() {
    return Closings.of(
        "CLOSE-2",
        "a second close does not wait for the first",
        sound ->
            new Closings.Closing(sound) {
              @Override
              public CloseReport close(Duration bound) {
                return closed.get() ? CloseReport.IDLE : super.close(bound);
              }
            });
  }

  // ---- close from inside

  private static Mutant closeWaitsForItsContinuation() {
    return Closings.of(
        "CLOSE-5",
        "close waits for what is chained to a store, and so for itself",
        sound ->
            new Closings.Closing(sound) {
              private final AtomicInteger completing = new AtomicInteger();

              @Override
              public CompletionStage<StoreResult> store(StoreRequest request) {
                CompletableFuture<StoreResult> stage = new CompletableFuture<>();
                super.store(request)
                    .thenAccept(
                        result -> {
                          completing.incrementAndGet();
                          stage.complete(result);
                          completing.decrementAndGet();
                        });
                return stage.minimalCompletionStage();
              }

              @Override
              public CloseReport close(Duration bound) {
                CloseReport report = super.close(bound);
                Closings.await(() -> completing.get() == 0, bound);
                return report;
              }
            });
  }

  private static Mutant closeWaitsForItsListener() {
    return new Mutant("CLOSE-5", "close waits for the listener, and so for itself") {
      private AtomicInteger latest = new AtomicInteger();

      @Override
      L2AdapterContext context(L2AdapterContext context) {
        AtomicInteger inside = new AtomicInteger();
        latest = inside;
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return new ForwardingListener(super.listener()) {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                inside.incrementAndGet();
                try {
                  super.stored(keys, sizes);
                } finally {
                  inside.decrementAndGet();
                }
              }
            };
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        AtomicInteger inside = latest;
        return new ForwardingAdapter(adapter) {
          @Override
          public CloseReport close(Duration bound) {
            CloseReport report = super.close(bound);
            Closings.await(() -> inside.get() == 0, bound);
            return report;
          }
        };
      }
    };
  }
}

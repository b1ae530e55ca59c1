// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Closes that go wrong with work under way, and with the storage held. */
final class CloseWorkMutants {

  private static final L2Error CLOSED = L2Error.closed("the adapter is closed");

  private CloseWorkMutants() {}

  static List<Mutant> all() {
    return List.of(
        queuedWorkNeverCompletes(),
        closedAndStoredAllTheSame(),
        storedAndLostByTheClose(),
        theReportForgetsWhatFailed(),
        theReportCountsRequests(),
        pagesThatWaitNeverComplete(),
        lateStoresAreNotHeardOf(),
        completesWhatIsInTheKernel(),
        closeWaitsForTheKernel(),
        nothingIsInTheKernel(),
        loansEndWithTheClose());
  }

  // ---- work under way

  private static Mutant queuedWorkNeverCompletes() {
    return Closings.of(
        "CLOSE-3",
        "what is queued never completes on close",
        sound ->
            new Closings.Stores(sound) {
              @Override
              void ended(
                  StoreRequest request,
                  CompletableFuture<StoreResult> stage,
                  StoreResult result,
                  boolean wasClosed) {
                if (!wasClosed) {
                  stage.complete(result);
                }
              }
            });
  }

  /** Mutants that reach around the adapter into the storage that was made for it. */
  private abstract static class WithStorage extends Mutant {

    private @Nullable BlockingStorage latest;

    WithStorage(String rule, String fault) {
      super(rule, fault);
    }

    @Override
    BlockingStorage storage(BlockingStorage storage) {
      BlockingStorage made = Closings.slow(storage);
      latest = made;
      return made;
    }

    @Override
    L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
      return adapter(adapter, Objects.requireNonNull(latest));
    }

    abstract L2Adapter adapter(L2Adapter adapter, BlockingStorage storage);
  }

  private static Mutant closedAndStoredAllTheSame() {
    return new WithStorage("CLOSE-3", "says CLOSED of what was queued and stores it all the same") {
      @Override
      L2Adapter adapter(L2Adapter adapter, BlockingStorage storage) {
        return new Closings.Stores(adapter) {
          @Override
          void ended(
              StoreRequest request,
              CompletableFuture<StoreResult> stage,
              StoreResult result,
              boolean wasClosed) {
            if (wasClosed) {
              StoreItem item = request.items().get(0);
              Closings.unchecked(() -> storage.put(item.key(), item.object()));
            }
            stage.complete(result);
          }
        };
      }
    };
  }

  private static Mutant storedAndLostByTheClose() {
    return new WithStorage("CLOSE-3", "what was STORED during the close is lost") {
      @Override
      L2Adapter adapter(L2Adapter adapter, BlockingStorage storage) {
        return new Closings.Stores(adapter) {
          private final Set<ObjectKey> lost = ConcurrentHashMap.newKeySet();

          @Override
          void ended(
              StoreRequest request,
              CompletableFuture<StoreResult> stage,
              StoreResult result,
              boolean wasClosed) {
            if (closed.get()) {
              lost.add(request.items().get(0).key());
            }
            stage.complete(result);
          }

          @Override
          public CloseReport close(Duration bound) {
            CloseReport report = super.close(bound);
            lost.forEach(key -> Closings.unchecked(() -> storage.remove(key)));
            return report;
          }
        };
      }
    };
  }

  private static Mutant theReportForgetsWhatFailed() {
    return Closings.reporting(
        "CLOSE-3",
        "reports what failed with CLOSED as drained",
        report -> new CloseReport(report.drained() + report.failed(), 0, report.inKernel()));
  }

  private static Mutant theReportCountsRequests() {
    return Closings.of(
        "CLOSE-3",
        "reports how many requests failed, not how many keys",
        sound ->
            new Closings.Stores(sound) {
              private final AtomicInteger more = new AtomicInteger();

              @Override
              void ended(
                  StoreRequest request,
                  CompletableFuture<StoreResult> stage,
                  StoreResult result,
                  boolean wasClosed) {
                if (wasClosed) {
                  more.addAndGet(result.size() - 1);
                }
                stage.complete(result);
              }

              @Override
              public CloseReport close(Duration bound) {
                CloseReport report = super.close(bound);
                int failed = Math.max(0, report.failed() - more.get());
                return new CloseReport(report.drained(), failed, report.inKernel());
              }
            });
  }

  private static Mutant pagesThatWaitNeverComplete() {
    return Closings.of(
        "CLOSE-4",
        "pages that wait never complete on close",
        sound ->
            new Closings.Closing(sound) {
              @Override
              public CompletionStage<KeyPage> list(ListRequest request) {
                boolean late = closed.get();
                return super.list(request)
                    .thenCompose(
                        page ->
                            late || page.error() == null
                                ? CompletableFuture.completedStage(page)
                                : new CompletableFuture<>());
              }
            });
  }

  private static Mutant lateStoresAreNotHeardOf() {
    return new Mutant("CLOSE-4", "what ends after the close is not heard of") {
      private final AtomicBoolean closed = new AtomicBoolean();

      @Override
      L2AdapterContext context(L2AdapterContext context) {
        closed.set(false);
        L2AdapterListener listener =
            new ForwardingListener(context.listener()) {
              @Override
              public void stored(List<ObjectKey> keys, List<Long> sizes) {
                if (!closed.get()) {
                  super.stored(keys, sizes);
                }
              }
            };
        return new ForwardingContext(context) {
          @Override
          public L2AdapterListener listener() {
            return listener;
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CloseReport close(Duration bound) {
            CloseReport report = super.close(bound);
            closed.set(report.inKernel() > 0);
            return report;
          }
        };
      }
    };
  }

  // ---- held storage

  private static Mutant completesWhatIsInTheKernel() {
    return Closings.of(
        "CLOSE-4",
        "completes while an item is in the kernel",
        sound ->
            new Closings.Stores(sound) {
              @Override
              public CloseReport close(Duration bound) {
                CloseReport report = super.close(bound);
                KeyResult<StoreOutcome> failed = KeyResult.of(StoreOutcome.FAILED, CLOSED);
                open.forEach(stage -> stage.complete(new StoreResult(List.of(failed))));
                return report;
              }
            });
  }

  private static Mutant closeWaitsForTheKernel() {
    return Closings.of(
        "CLOSE-4",
        "close waits for the storage without a bound",
        sound ->
            new ForwardingAdapter(sound) {
              @Override
              public CloseReport close(Duration bound) {
                CloseReport report = super.close(bound);
                Closings.await(() -> report.inKernel() == 0 || super.loans() == 0, Closings.LONG);
                return report;
              }
            });
  }

  private static Mutant loansEndWithTheClose() {
    return Closings.of(
        "CLOSE-4",
        "loans end with the close",
        sound ->
            new Closings.Closing(sound) {
              @Override
              public int loans() {
                return closed.get() ? 0 : super.loans();
              }
            });
  }

  private static Mutant nothingIsInTheKernel() {
    return Closings.reporting(
        "CLOSE-4",
        "reports what is in the kernel as failed",
        report -> new CloseReport(report.drained(), report.failed() + report.inKernel(), 0));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Hit;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Orders and states that cannot be. */
final class OrderMutants {

  private static final long SHORT_NANOS = 100_000;

  private OrderMutants() {}

  static List<Mutant> all() {
    return List.of(
        publishesAfterTheStage(),
        otherThreadsSeeOneDeleteLess(),
        removesBeforeItReplaces(),
        equalStoresAtOnceAreBothStored(),
        aPinThatMeetsADeleteDoesNotHold(),
        aDeleteIsForgotten(),
        aReplacementIsCountedAsAnotherObject());
  }

  private static Mutant publishesAfterTheStage() {
    return new Mutant("ORDER-1", "what is chained to a store does not see it yet") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return slow(storage);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private final ThreadLocal<Boolean> completing = ThreadLocal.withInitial(() -> false);

          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            CompletableFuture<StoreResult> published = new CompletableFuture<>();
            super.store(request)
                .thenAccept(
                    result -> {
                      completing.set(true);
                      published.complete(result);
                      completing.set(false);
                    });
            return published.minimalCompletionStage();
          }

          @Override
          public CompletionStage<LoadResult> load(LoadRequest request) {
            KeyResult<LoadOutcome> missing = KeyResult.of(LoadOutcome.NOT_FOUND);
            return completing.get()
                ? CompletableFuture.completedStage(
                    new LoadResult(request.items().stream().map(item -> missing).toList()))
                : super.load(request);
          }
        };
      }
    };
  }

  private static BlockingStorage slow(BlockingStorage storage) {
    return new ForwardingStorage(storage) {
      @Override
      public void put(ObjectKey key, MemoryObject object) throws IOException {
        LockSupport.parkNanos(20 * SHORT_NANOS);
        super.put(key, object);
      }
    };
  }

  private static Mutant otherThreadsSeeOneDeleteLess() {
    return new Mutant("ORDER-1", "another thread still finds what was just deleted") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private final Map<ObjectKey, Thread> deleted = new ConcurrentHashMap<>();

          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            Thread caller = Thread.currentThread();
            return super.delete(request)
                .thenApply(
                    result -> {
                      if (result.outcome(0) == DeleteOutcome.DELETED) {
                        deleted.put(request.keys().get(0), caller);
                      }
                      return result;
                    });
          }

          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            Thread deleter = deleted.remove(request.keys().get(0));
            boolean stale = deleter != null && deleter != Thread.currentThread();
            return super.lookup(request).thenApply(lease -> stale ? stillThere(lease) : lease);
          }
        };
      }
    };
  }

  private record StaleHit(long sizeBytes, boolean sizeExact) implements Hit {}

  private static LookupLease stillThere(LookupLease lease) {
    return new ForwardingLease(lease) {
      @Override
      public boolean hit(int i) {
        return i == 0 || super.hit(i);
      }

      @Override
      public Hit get(int i) {
        return super.hit(i) ? super.get(i) : new StaleHit(100, true);
      }
    };
  }

  private static Mutant removesBeforeItReplaces() {
    return new Mutant("ORDER-2", "a replacement that removes the old object first") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            super.remove(key);
            LockSupport.parkNanos(SHORT_NANOS);
            super.put(key, object);
          }
        };
      }
    };
  }

  /** An adapter that knows which keys have a request of a kind under way. */
  private static class Watching extends ForwardingAdapter {

    private final Map<ObjectKey, Integer> underWay = new ConcurrentHashMap<>();

    Watching(L2Adapter sound) {
      super(sound);
    }

    boolean isUnderWay(ObjectKey key) {
      return underWay.containsKey(key);
    }

    <R> CompletionStage<R> watch(List<ObjectKey> keys, Supplier<CompletionStage<R>> submit) {
      keys.forEach(key -> underWay.merge(key, 1, Integer::sum));
      return submit
          .get()
          .thenApply(
              result -> {
                keys.forEach(
                    key -> underWay.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1));
                return result;
              });
    }
  }

  private static Mutant equalStoresAtOnceAreBothStored() {
    return new Mutant("ORDER-2", "two equal stores at once are both STORED") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return slow(storage);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Watching(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            List<ObjectKey> keys = request.items().stream().map(StoreItem::key).toList();
            StoreRequest changed =
                keys.stream().anyMatch(this::isUnderWay)
                    ? new StoreRequest(request.items(), StoreMode.REPLACE, request.options())
                    : request;
            return watch(keys, () -> super.store(changed));
          }
        };
      }
    };
  }

  private static Mutant aPinThatMeetsADeleteDoesNotHold() {
    return new Mutant("ORDER-2", "a delete that is under way does not see a new pin") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public OptionalLong stat(ObjectKey key) throws IOException {
            LockSupport.parkNanos(5 * SHORT_NANOS);
            return super.stat(key);
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Watching(adapter) {
          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            return watch(request.keys(), () -> super.delete(request));
          }

          @Override
          public CompletionStage<LookupLease> lookup(LookupRequest request) {
            return super.lookup(request)
                .thenApply(
                    lease -> {
                      for (int i = 0; i < lease.size(); i++) {
                        if (isUnderWay(request.keys().get(i))) {
                          lease.release(i);
                        }
                      }
                      return lease;
                    });
          }
        };
      }
    };
  }

  private static Mutant aDeleteIsForgotten() {
    return new Mutant("ORDER-3", "a delete of what was stored five times only says so") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          private final Map<ObjectKey, Integer> puts = new ConcurrentHashMap<>();

          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            puts.merge(key, 1, Integer::sum);
            super.put(key, object);
          }

          @Override
          public boolean remove(ObjectKey key) throws IOException {
            return puts.getOrDefault(key, 0) == 5 ? super.stat(key).isPresent() : super.remove(key);
          }
        };
      }
    };
  }

  private static Mutant aReplacementIsCountedAsAnotherObject() {
    return new Mutant("ORDER-3", "after ten replacements usage counts an object more") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private final AtomicInteger replacements = new AtomicInteger();

          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            replacements.addAndGet(request.mode() == StoreMode.REPLACE ? 1 : 0);
            return super.store(request);
          }

          @Override
          public AdapterUsage usage() {
            AdapterUsage usage = super.usage();
            return new AdapterUsage(
                usage.storedBytes(),
                usage.storedObjects() + (replacements.get() > 10 ? 1 : 0),
                usage.inFlightBytes(),
                usage.capacityBytes(),
                usage.recovering(),
                usage.bytesBySalt());
          }
        };
      }
    };
  }
}

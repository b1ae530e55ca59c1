// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** What goes wrong only when several work at once. */
final class ConcurrencyMutants {

  private static final long SHORT_NANOS = 100_000;

  private ConcurrencyMutants() {}

  static List<Mutant> all() {
    return List.of(
        storesShareABuffer(),
        loadsShareABuffer(),
        rivalsAreAllStored(),
        rivalsAreCountedEach(),
        rivalsAreHeardOfTwice(),
        rivalsThatWaitedAreStored());
  }

  /** Memory that all calls of one storage use. */
  private static final class Scratch {
    private ByteBuffer memory = ByteBuffer.allocateDirect(1 << 16);

    /** Goes through the shared memory, if the object fits. */
    void detour(MemoryObject from, MemoryObject to) {
      int size = from.sizeBytes();
      if (size > memory.capacity()) {
        to.buffer().put(from.buffer());
        return;
      }
      memory.duplicate().put(from.buffer());
      LockSupport.parkNanos(SHORT_NANOS);
      to.buffer().put(memory.duplicate().limit(size));
    }
  }

  private static Mutant storesShareABuffer() {
    return new Mutant("CONC-1", "stores under way at once share a buffer") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          private final Scratch scratch = new Scratch();

          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            MemoryObject copy = MemoryObject.of(ByteBuffer.allocateDirect(object.sizeBytes()));
            scratch.detour(object, copy);
            super.put(key, copy);
          }
        };
      }
    };
  }

  private static Mutant loadsShareABuffer() {
    return new Mutant("CONC-1", "loads under way at once share a buffer") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          private final Scratch scratch = new Scratch();

          @Override
          public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
            MemoryObject copy = MemoryObject.of(ByteBuffer.allocateDirect(object.sizeBytes()));
            LoadOutcome outcome = super.get(key, copy);
            if (outcome == LoadOutcome.LOADED) {
              scratch.detour(copy, object);
            }
            return outcome;
          }
        };
      }
    };
  }

  /** Does to a store that meets another of its key what it should not. */
  private abstract static class Rivals extends ForwardingAdapter {

    private final Map<ObjectKey, Integer> underWay = new ConcurrentHashMap<>();

    Rivals(L2Adapter sound) {
      super(sound);
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      ObjectKey key = request.items().get(0).key();
      boolean rival = underWay.merge(key, 1, Integer::sum) > 1;
      return super.store(rival ? met(request) : request)
          .thenApply(
              result -> {
                underWay.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
                return result;
              });
    }

    abstract StoreRequest met(StoreRequest request);
  }

  private static BlockingStorage slow(BlockingStorage storage) {
    return new ForwardingStorage(storage) {
      @Override
      public void put(ObjectKey key, MemoryObject object) throws IOException {
        LockSupport.parkNanos(10 * SHORT_NANOS);
        super.put(key, object);
      }
    };
  }

  private static Mutant rivalsAreAllStored() {
    return new Mutant("CONC-2", "of equal stores at once each is STORED") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return slow(storage);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Rivals(adapter) {
          @Override
          StoreRequest met(StoreRequest request) {
            return new StoreRequest(request.items(), StoreMode.REPLACE, request.options());
          }
        };
      }
    };
  }

  private static Mutant rivalsAreCountedEach() {
    return new Mutant("CONC-2", "each of several stores of one key at once is counted") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return slow(storage);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Rivals(adapter) {
          private final AtomicInteger met = new AtomicInteger();

          @Override
          StoreRequest met(StoreRequest request) {
            met.incrementAndGet();
            return request;
          }

          @Override
          public AdapterUsage usage() {
            AdapterUsage usage = super.usage();
            return new AdapterUsage(
                usage.storedBytes(),
                usage.storedObjects() + met.get(),
                usage.inFlightBytes(),
                usage.capacityBytes(),
                usage.recovering(),
                usage.bytesBySalt());
          }
        };
      }
    };
  }

  private static Mutant rivalsAreHeardOfTwice() {
    return new Mutant("CONC-2", "fires stored for each of several stores of one key at once") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return slow(storage);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Rivals(adapter) {
          @Override
          StoreRequest met(StoreRequest request) {
            StoreItem item = request.items().get(0);
            context
                .completionExecutor()
                .execute(
                    () ->
                        context
                            .listener()
                            .stored(
                                List.of(item.key()), List.of((long) item.object().sizeBytes())));
            return request;
          }
        };
      }
    };
  }

  /**
   * The second of several stores replaces, but only behind many others: when the storage is held.
   */
  private static Mutant rivalsThatWaitedAreStored() {
    return new Mutant("CONC-2", "of equal stores that waited in a long queue each is STORED") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new Rivals(adapter) {
          @Override
          StoreRequest met(StoreRequest request) {
            return sound.loans() < 20
                ? request
                : new StoreRequest(request.items(), StoreMode.REPLACE, request.options());
          }
        };
      }
    };
  }
}

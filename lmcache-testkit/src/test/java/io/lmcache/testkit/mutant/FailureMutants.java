// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What goes wrong only when the storage fails. */
final class FailureMutants {

  private FailureMutants() {}

  static List<Mutant> all() {
    return List.of(
        above("FAIL-1", "a store that the storage failed is STORED", Swallowed::new),
        above("FAIL-1", "a load that the storage failed is NOT_FOUND", NotFound::new),
        above("FAIL-1", "a lookup that the storage failed is a miss", NoHit::new),
        above("FAIL-1", "a delete that the storage failed is DELETED", Gone::new),
        above("FAIL-1", "a store that failed removes what was there", RemovesFirst::new),
        aFailureFailsTheRequest(),
        countsFailedStores(),
        failedStoresAreHeardOf(),
        aFailureTakesAWorker());
  }

  /** Changes what the adapter hears of its storage, also of a storage that is made to fail. */
  private static Mutant above(
      String rule, String fault, Function<BlockingStorage, BlockingStorage> change) {
    return new Mutant(rule, fault) {
      @Override
      L2AdapterContext context(L2AdapterContext context) {
        return new ForwardingContext(context) {
          @Override
          public BlockingStorage around(BlockingStorage storage) {
            return change.apply(super.around(storage));
          }
        };
      }
    };
  }

  private static final class Swallowed extends ForwardingStorage {
    Swallowed(BlockingStorage sound) {
      super(sound);
    }

    @Override
    @SuppressWarnings("EmptyCatch")
    public void put(ObjectKey key, MemoryObject object) {
      try {
        super.put(key, object);
      } catch (IOException e) {
        // The fault.
      }
    }
  }

  private static final class NotFound extends ForwardingStorage {
    NotFound(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) {
      try {
        return super.get(key, object);
      } catch (IOException e) {
        return LoadOutcome.NOT_FOUND;
      }
    }
  }

  private static final class NoHit extends ForwardingStorage {
    NoHit(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public OptionalLong stat(ObjectKey key) {
      try {
        return super.stat(key);
      } catch (IOException e) {
        return OptionalLong.empty();
      }
    }
  }

  private static final class Gone extends ForwardingStorage {
    Gone(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public boolean remove(ObjectKey key) {
      try {
        return super.remove(key);
      } catch (IOException e) {
        return true;
      }
    }
  }

  private static final class RemovesFirst extends ForwardingStorage {
    RemovesFirst(BlockingStorage sound) {
      super(sound);
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      try {
        super.put(key, object);
      } catch (IOException e) {
        super.remove(key);
        throw e;
      }
    }
  }

  private static boolean byStorage(StoreResult result, int i) {
    L2Error error = result.error(i);
    return error != null && error.code() == L2ErrorCode.IO;
  }

  private static Mutant aFailureFailsTheRequest() {
    return new Mutant("FAIL-1", "a store that failed takes the rest of its request with it") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            return super.store(request).thenApply(FailureMutants::allFailed);
          }
        };
      }
    };
  }

  private static StoreResult allFailed(StoreResult result) {
    for (KeyResult<StoreOutcome> key : result.keys()) {
      L2Error error = key.error();
      if (error != null && error.code() == L2ErrorCode.IO) {
        return new StoreResult(result.keys().stream().map(k -> key).toList());
      }
    }
    return result;
  }

  /** Does something about each store that the storage failed. */
  private abstract static class OnFailure extends ForwardingAdapter {
    OnFailure(L2Adapter sound) {
      super(sound);
    }

    abstract void failed(ObjectKey key, int size);

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      return super.store(request)
          .thenApply(
              result -> {
                for (int i = 0; i < result.size(); i++) {
                  if (byStorage(result, i)) {
                    MemoryObject object = request.items().get(i).object();
                    failed(request.items().get(i).key(), object.sizeBytes());
                  }
                }
                return result;
              });
    }
  }

  private static Mutant countsFailedStores() {
    return new Mutant("FAIL-1", "usage counts a store that failed") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new OnFailure(adapter) {
          private final AtomicInteger more = new AtomicInteger();

          @Override
          void failed(ObjectKey key, int size) {
            more.addAndGet(size);
          }

          @Override
          public AdapterUsage usage() {
            AdapterUsage usage = super.usage();
            return new AdapterUsage(
                usage.storedBytes() + more.get(),
                usage.storedObjects(),
                usage.inFlightBytes(),
                usage.capacityBytes(),
                usage.recovering(),
                usage.bytesBySalt());
          }
        };
      }
    };
  }

  private static Mutant failedStoresAreHeardOf() {
    return new Mutant("FAIL-1", "fires stored for a store that failed") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new OnFailure(adapter) {
          @Override
          void failed(ObjectKey key, int size) {
            context.listener().stored(List.of(key), List.of((long) size));
          }
        };
      }
    };
  }

  private static Mutant aFailureTakesAWorker() {
    return new Mutant("FAIL-2", "each failure takes a worker, of which there are 64") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new OnFailure(adapter) {
          private final AtomicInteger workers = new AtomicInteger(64);

          @Override
          void failed(ObjectKey key, int size) {
            workers.decrementAndGet();
          }

          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            return workers.get() > 0 ? super.store(request) : new CompletableFuture<>();
          }
        };
      }
    };
  }
}

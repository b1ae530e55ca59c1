// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Limits that are not kept, and features that are declined and done. */
final class LimitMutants {

  private LimitMutants() {}

  static List<Mutant> all() {
    return List.of(
        exactlyTheLargestRefused(),
        tooLargeFailsAll(),
        limitsOnlySaid(
            "LIMIT-1",
            "objects above maxObjectBytes are stored",
            limits -> with(limits, Integer.MAX_VALUE, limits.maxKeyBytes())),
        limitsOnlySaid(
            "LIMIT-2",
            "keys above maxKeyBytes are stored",
            limits -> with(limits, limits.maxObjectBytes(), ObjectKey.MAX_CANONICAL_BYTES)),
        Changing.deletes(
            "LIMIT-2", "a delete of a long key is ABSENT", (request, result) -> absent(result)),
        longKeyNotFound(),
        Changing.leases(
            "LIMIT-2",
            "a long key has no error in a lease",
            (request, lease) ->
                new ForwardingLease(lease) {
                  @Override
                  public @Nullable L2Error error(int i) {
                    return unsupported(sound.error(i)) ? null : sound.error(i);
                  }
                }),
        limits(
            "LIMIT-3",
            "other limits after close",
            (limits, closed) -> closed ? AdapterLimits.DEFAULT : limits),
        limits(
            "LIMIT-3",
            "a length alignment that is no power of two",
            (limits, closed) -> aligned(limits, 1, 24)),
        limits("LIMIT-3", "a memory alignment of 0", (limits, closed) -> aligned(limits, 0, 1)),
        saysTooMuch(),
        declinesAndDoes(Feature.DELETE),
        declinesAndDoes(Feature.REPLACE),
        declinesAndDoes(Feature.LIST),
        declinesAndDoes(Feature.PERSISTENCE),
        declinedListIsEmpty());
  }

  private static AdapterLimits with(AdapterLimits limits, long objectBytes, int keyBytes) {
    return new AdapterLimits(
        objectBytes,
        limits.maxKeysPerRequest(),
        keyBytes,
        limits.memoryAlignment(),
        limits.lengthAlignment(),
        limits.declined());
  }

  private static AdapterLimits aligned(AdapterLimits limits, int memory, int length) {
    return new AdapterLimits(
        limits.maxObjectBytes(),
        limits.maxKeysPerRequest(),
        limits.maxKeyBytes(),
        memory,
        length,
        limits.declined());
  }

  private static Mutant exactlyTheLargestRefused() {
    return new Mutant("LIMIT-1", "an object of exactly maxObjectBytes is too large") {
      @Override
      BlockingStorage storage(BlockingStorage sound) {
        return new ForwardingStorage(sound) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            if (object.sizeBytes() >= limits().maxObjectBytes()) {
              throw new StorageException(
                  L2Error.of(L2ErrorCode.TOO_LARGE, Retry.NEVER, object + " of " + key));
            }
            super.put(key, object);
          }
        };
      }
    };
  }

  private static Mutant tooLargeFailsAll() {
    return new Mutant("LIMIT-1", "an object that is too large fails the whole store") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            long most = limits().maxObjectBytes();
            if (request.items().stream().allMatch(item -> item.object().sizeBytes() <= most)) {
              return sound.store(request);
            }
            L2Error error = L2Error.of(L2ErrorCode.TOO_LARGE, Retry.NEVER, "more than " + most);
            return CompletableFuture.completedStage(
                new StoreResult(
                    request.items().stream()
                        .map(item -> KeyResult.of(StoreOutcome.FAILED, error))
                        .toList()));
          }
        };
      }
    };
  }

  /** An adapter that says limits and keeps others. */
  private static Mutant limitsOnlySaid(
      String rule, String fault, UnaryOperator<AdapterLimits> kept) {
    return new Mutant(rule, fault) {
      private volatile AdapterLimits said = AdapterLimits.DEFAULT;

      @Override
      BlockingStorage storage(BlockingStorage sound) {
        said = sound.limits();
        return new ForwardingStorage(sound) {
          @Override
          public AdapterLimits limits() {
            return kept.apply(sound.limits());
          }
        };
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public AdapterLimits limits() {
            return said;
          }
        };
      }
    };
  }

  private static boolean unsupported(@Nullable L2Error error) {
    return error != null && error.code() == L2ErrorCode.UNSUPPORTED_KEY;
  }

  private static DeleteResult absent(DeleteResult result) {
    return new DeleteResult(
        result.keys().stream()
            .map(key -> unsupported(key.error()) ? KeyResult.of(DeleteOutcome.ABSENT) : key)
            .toList());
  }

  private static Mutant longKeyNotFound() {
    return new Mutant("LIMIT-2", "a load of a long key is NOT_FOUND") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<LoadResult> load(LoadRequest request) {
            return sound
                .load(request)
                .thenApply(
                    result ->
                        new LoadResult(
                            result.keys().stream()
                                .map(
                                    key ->
                                        unsupported(key.error())
                                            ? KeyResult.of(LoadOutcome.NOT_FOUND)
                                            : key)
                                .toList()));
          }
        };
      }
    };
  }

  private interface ChangedLimits {
    AdapterLimits of(AdapterLimits limits, boolean closed);
  }

  private static Mutant limits(String rule, String fault, ChangedLimits change) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private volatile boolean closed;

          @Override
          public AdapterLimits limits() {
            return change.of(sound.limits(), closed);
          }

          @Override
          public CloseReport close(Duration bound) {
            closed = true;
            return sound.close(bound);
          }
        };
      }
    };
  }

  private static Mutant saysTooMuch() {
    return new Mutant("LIMIT-4", "declines what its test class does not say") {
      @Override
      Set<Feature> declines() {
        return Set.of(Feature.LIST);
      }

      @Override
      Set<Feature> saysItDeclines() {
        return Set.of();
      }
    };
  }

  private static Mutant declinesAndDoes(Feature feature) {
    return new Mutant("LIMIT-4", "declines " + feature + " and does it") {
      @Override
      Set<Feature> saysItDeclines() {
        return Set.of(feature);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public AdapterLimits limits() {
            return sound.limits().withDeclined(Set.of(feature));
          }

          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            return sound
                .delete(request)
                .thenApply(r -> feature == Feature.DELETE ? declined(r) : r);
          }
        };
      }
    };
  }

  /** Says the right thing after having done it. */
  private static DeleteResult declined(DeleteResult result) {
    L2Error error = L2Error.of(L2ErrorCode.DECLINED, Retry.NEVER, "declined");
    return new DeleteResult(
        result.keys().stream()
            .map(
                key ->
                    key.outcome() == DeleteOutcome.FAILED
                        ? key
                        : KeyResult.of(DeleteOutcome.FAILED, error))
            .toList());
  }

  private static Mutant declinedListIsEmpty() {
    return new Mutant("LIMIT-4", "a declined listing is an empty page") {
      @Override
      Set<Feature> declines() {
        return Set.of(Feature.LIST);
      }

      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<KeyPage> list(ListRequest request) {
            Objects.requireNonNull(request);
            return CompletableFuture.completedStage(new KeyPage(List.of(), null, null));
          }
        };
      }
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Extent;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Stores that go wrong. */
final class StoreMutants {

  private StoreMutants() {}

  static List<Mutant> all() {
    return List.of(
        lastByteLost(),
        lastKeyLost(),
        otherBytes(),
        ifAbsentReplaces(),
        ifAbsentMovesBytes(),
        ifAbsentKeepsAnotherSize(),
        replaceSaysAlreadyPresent(),
        replaceKeeps(),
        removesFirst(),
        halfForAMoment(),
        hiddenForAMoment(),
        failedIsThere(),
        failedReplaces(),
        failedIsGone(L2ErrorCode.DEADLINE),
        failedIsGone(L2ErrorCode.TOO_LARGE));
  }

  /** What a store becomes. */
  private interface Store {
    CompletionStage<StoreResult> store(L2Adapter sound, StoreRequest request);
  }

  private static Mutant of(String rule, String fault, Store store) {
    return new Mutant(rule, fault) {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            return store.store(sound, request);
          }
        };
      }
    };
  }

  private static Mutant lastByteLost() {
    return new Mutant("STORE-1", "the last byte of a large object does not arrive") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
            LoadOutcome outcome = super.get(key, object);
            if (outcome == LoadOutcome.LOADED && object.sizeBytes() > 4_000_000) {
              object.buffer().put(object.sizeBytes() - 1, (byte) 0);
            }
            return outcome;
          }
        };
      }
    };
  }

  private static Mutant lastKeyLost() {
    return of(
        "STORE-1",
        "the last key of a large request is STORED without being stored",
        (sound, request) -> {
          int last = request.items().size() - 1;
          if (last < 299) {
            return sound.store(request);
          }
          StoreRequest less = with(request, request.items().subList(0, last));
          return sound
              .store(less)
              .thenApply(
                  r -> new StoreResult(Changing.with(r.keys(), KeyResult.of(StoreOutcome.STORED))));
        });
  }

  private static Mutant otherBytes() {
    return of(
        "STORE-1",
        "the first two keys of a request of 17 get each other's bytes",
        (sound, request) -> {
          List<StoreItem> items = request.items();
          List<StoreItem> swapped = items.size() == 17 ? Changing.swapped(items) : items;
          List<StoreItem> mixed =
              IntStream.range(0, items.size())
                  .mapToObj(i -> new StoreItem(items.get(i).key(), swapped.get(i).object()))
                  .toList();
          return sound.store(with(request, mixed));
        });
  }

  private static Mutant ifAbsentReplaces() {
    return of(
        "STORE-2",
        "IF_ABSENT that replaces",
        (sound, request) -> sound.store(with(request, StoreMode.REPLACE)));
  }

  private static Mutant ifAbsentMovesBytes() {
    return of(
        "STORE-2",
        "IF_ABSENT that says ALREADY_PRESENT and replaces",
        (sound, request) ->
            sound
                .store(request)
                .thenCompose(
                    r ->
                        r.count(StoreOutcome.ALREADY_PRESENT) == 0
                            ? CompletableFuture.completedStage(r)
                            : sound
                                .store(with(request, StoreMode.REPLACE))
                                .thenApply(ignored -> r)));
  }

  private static Mutant ifAbsentKeepsAnotherSize() {
    return of(
        "STORE-3",
        "IF_ABSENT of one key leaves an object of another size alone",
        (sound, request) ->
            request.mode() == StoreMode.REPLACE || request.items().size() > 1
                ? sound.store(request)
                : sound.lookup(lookupOf(request)).thenCompose(l -> unless(l, sound, request)));
  }

  private static LookupRequest lookupOf(StoreRequest request) {
    List<ObjectKey> keys = request.items().stream().map(StoreItem::key).toList();
    return new LookupRequest(keys, Extent.ALL, false, Options.DEFAULT);
  }

  private static CompletionStage<StoreResult> unless(
      LookupLease lease, L2Adapter sound, StoreRequest request) {
    return lease.hit(0)
        ? CompletableFuture.completedStage(
            new StoreResult(List.of(KeyResult.of(StoreOutcome.ALREADY_PRESENT))))
        : sound.store(request);
  }

  private static Mutant replaceSaysAlreadyPresent() {
    return of(
        "STORE-4",
        "REPLACE that keeps",
        (sound, request) -> sound.store(with(request, StoreMode.IF_ABSENT)));
  }

  private static Mutant replaceKeeps() {
    return of(
        "STORE-4",
        "REPLACE that keeps and says STORED",
        (sound, request) ->
            request.mode() == StoreMode.IF_ABSENT
                ? sound.store(request)
                : sound
                    .store(with(request, StoreMode.IF_ABSENT))
                    .thenApply(
                        r ->
                            new StoreResult(
                                Changing.saying(
                                    r.keys(), StoreOutcome.STORED, StoreOutcome.ALREADY_PRESENT))));
  }

  private static Mutant removesFirst() {
    return new Mutant("STORE-5", "a replacement removes the old object first") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            if (sound.remove(key)) {
              pause();
            }
            super.put(key, object);
          }
        };
      }
    };
  }

  private static Mutant halfForAMoment() {
    return new Mutant("STORE-5", "a replacement by a large object is half there for a moment") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        return new ForwardingStorage(storage) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            if (object.sizeBytes() > 20_000 && sound.stat(key).isPresent()) {
              ByteBuffer half = ByteBuffer.allocateDirect(object.sizeBytes());
              half.put(object.buffer().limit(object.sizeBytes() / 2)).clear();
              super.put(key, MemoryObject.of(half));
              pause();
            }
            super.put(key, object);
          }
        };
      }
    };
  }

  private static Mutant hiddenForAMoment() {
    return new Mutant("STORE-5", "a lookup does not find what is being replaced") {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        Set<ObjectKey> writing = ConcurrentHashMap.newKeySet();
        return new ForwardingStorage(storage) {
          @Override
          public void put(ObjectKey key, MemoryObject object) throws IOException {
            writing.add(key);
            try {
              pause();
              super.put(key, object);
            } finally {
              writing.remove(key);
            }
          }

          @Override
          public OptionalLong stat(ObjectKey key) throws IOException {
            return writing.contains(key) ? OptionalLong.empty() : super.stat(key);
          }
        };
      }
    };
  }

  /** Long enough for others to look. */
  private static void pause() {
    LockSupport.parkNanos(100_000);
  }

  private static Mutant failedIsThere() {
    return of(
        "STORE-6",
        "what FAILED by its deadline is stored if it was not there",
        (sound, request) ->
            afterDeadline(
                sound,
                request,
                () -> sound.store(late(request, StoreMode.IF_ABSENT)).thenRun(() -> {})));
  }

  private static Mutant failedReplaces() {
    return of(
        "STORE-6",
        "what FAILED by its deadline replaces what was there",
        (sound, request) ->
            request.mode() == StoreMode.IF_ABSENT
                ? sound.store(request)
                : afterDeadline(
                    sound,
                    request,
                    () -> sound.store(late(request, StoreMode.REPLACE)).thenRun(() -> {})));
  }

  private static CompletionStage<StoreResult> afterDeadline(
      L2Adapter sound, StoreRequest request, Supplier<CompletionStage<Void>> then) {
    return sound
        .store(request)
        .thenCompose(
            r ->
                failedBy(r, 0, L2ErrorCode.DEADLINE)
                    ? then.get().thenApply(ignored -> r)
                    : CompletableFuture.completedStage(r));
  }

  private static Mutant failedIsGone(L2ErrorCode code) {
    return of(
        "STORE-6",
        "what was there is deleted when a store of it fails with " + code,
        (sound, request) ->
            sound
                .store(request)
                .thenCompose(
                    r -> {
                      List<ObjectKey> failed =
                          IntStream.range(0, r.size())
                              .filter(i -> failedBy(r, i, code))
                              .mapToObj(i -> request.items().get(i).key())
                              .toList();
                      return failed.isEmpty()
                          ? CompletableFuture.completedStage(r)
                          : sound.delete(DeleteRequest.of(failed)).thenApply(ignored -> r);
                    }));
  }

  private static boolean failedBy(StoreResult result, int i, L2ErrorCode code) {
    L2Error error = result.error(i);
    return error != null && error.code() == code;
  }

  private static StoreRequest with(StoreRequest request, List<StoreItem> items) {
    return new StoreRequest(items, request.mode(), request.options());
  }

  private static StoreRequest with(StoreRequest request, StoreMode mode) {
    return new StoreRequest(request.items(), mode, request.options());
  }

  private static StoreRequest late(StoreRequest request, StoreMode mode) {
    return new StoreRequest(request.items(), mode, request.options().withDeadline(null));
  }
}

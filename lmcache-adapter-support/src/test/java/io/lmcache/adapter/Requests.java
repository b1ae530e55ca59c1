// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes requests, and waits for what becomes of them. */
final class Requests {

  private Requests() {}

  static ObjectKey key(int n) {
    return ObjectKey.of(ByteBuffer.allocate(4).putInt(n).array(), "org/model", 0);
  }

  static List<ObjectKey> keys(int count) {
    return IntStream.range(0, count).mapToObj(Requests::key).toList();
  }

  /** An object whose bytes depend on its key. */
  static MemoryObject filled(ObjectKey key, int size) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
    for (int i = 0; i < size; i++) {
      buffer.put(i, (byte) (key.hashCode() * 31 + i));
    }
    return MemoryObject.of(buffer);
  }

  static StoreRequest storeRequest(List<ObjectKey> keys, int size, StoreMode mode) {
    return new StoreRequest(
        keys.stream().map(key -> new StoreItem(key, filled(key, size))).toList(),
        mode,
        Options.DEFAULT);
  }

  static CompletionStage<StoreResult> store(L2Adapter adapter, List<ObjectKey> keys, int size) {
    return adapter.store(storeRequest(keys, size, StoreMode.IF_ABSENT));
  }

  static CompletionStage<LoadResult> load(L2Adapter adapter, List<ObjectKey> keys, int size) {
    return load(adapter, keys, size, Options.DEFAULT);
  }

  /** Loads, and checks the bytes of what was loaded. */
  static CompletionStage<LoadResult> load(
      L2Adapter adapter, List<ObjectKey> keys, int size, Options options) {
    List<LoadItem> items =
        keys.stream()
            .map(key -> LoadItem.of(key, MemoryObject.of(ByteBuffer.allocateDirect(size))))
            .toList();
    return adapter
        .load(new LoadRequest(items, options))
        .thenApply(
            result -> {
              for (int i = 0; i < items.size(); i++) {
                if (result.outcome(i) == LoadOutcome.LOADED) {
                  assertThat(items.get(i).object().buffer())
                      .isEqualTo(filled(keys.get(i), size).buffer());
                }
              }
              return result;
            });
  }

  static CompletionStage<DeleteResult> delete(L2Adapter adapter, List<ObjectKey> keys) {
    return adapter.delete(DeleteRequest.of(keys));
  }

  /** The time limit only detects a hang. */
  static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody counted down");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the stage did not complete well", e);
    }
  }

  /** Waits for what will be; the time limit only detects a hang. */
  static void awaitUntil(BooleanSupplier condition) {
    if (!waitFor(condition)) {
      throw new AssertionError("it did not come to be");
    }
  }

  /** The same for a condition that the caller asserts itself, in parts. */
  static boolean waitFor(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  /** The error that there must be. */
  static L2Error why(@Nullable L2Error error) {
    assertThat(error).isNotNull();
    return Objects.requireNonNull(error);
  }

  /** Null, where the types say that there is none. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  static <T> T nothing() {
    return null;
  }
}

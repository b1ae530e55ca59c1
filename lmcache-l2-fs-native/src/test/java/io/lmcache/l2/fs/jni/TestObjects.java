// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Keys, bytes that depend on key and offset, and waiting for stages. */
final class TestObjects {

  private static final int POISON = 0xA5;

  private TestObjects() {}

  static ObjectKey key(int n) {
    byte[] hash = ByteBuffer.allocate(8).putInt(0xCAFE).putInt(n).array();
    return ObjectKey.of(hash, "org/model", 0x02000200, 0, "");
  }

  static List<ObjectKey> keys(int count) {
    List<ObjectKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(key(i));
    }
    return keys;
  }

  static byte expected(ObjectKey key, int version, int offset) {
    int mixed = (key.hashCode() * 31 + version) * 0x9E3779B9 + offset * 0x85EBCA6B;
    return (byte) (mixed ^ mixed >>> 15 ^ mixed >>> 24);
  }

  static MemoryObject filled(ObjectKey key, int version, int size) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
    for (int i = 0; i < size; i++) {
      buffer.put(i, expected(key, version, i));
    }
    return MemoryObject.of(buffer);
  }

  static MemoryObject poisoned(int size) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
    for (int i = 0; i < size; i++) {
      buffer.put(i, (byte) POISON);
    }
    return MemoryObject.of(buffer);
  }

  static void assertHolds(MemoryObject object, ObjectKey key, int version) {
    ByteBuffer buffer = object.buffer();
    for (int i = 0; i < object.sizeBytes(); i++) {
      if (buffer.get(i) != expected(key, version, i)) {
        assertThat(buffer.get(i))
            .as("byte %d of %s, version %d", i, key, version)
            .isEqualTo(expected(key, version, i));
      }
    }
  }

  static void assertPoisoned(MemoryObject object) {
    ByteBuffer buffer = object.buffer();
    for (int i = 0; i < object.sizeBytes(); i++) {
      if (buffer.get(i) != (byte) POISON) {
        assertThat(buffer.get(i)).as("byte %d must be untouched", i).isEqualTo((byte) POISON);
      }
    }
  }

  /** The time limit only detects a hang. */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the stage did not complete well", e);
    }
  }

  /** The error that there must be. */
  static L2Error why(@Nullable L2Error error) {
    assertThat(error).isNotNull();
    return Objects.requireNonNull(error);
  }

  static StoreRequest storeRequest(List<ObjectKey> keys, int version, int size, StoreMode mode) {
    return new StoreRequest(
        keys.stream().map(key -> new StoreItem(key, filled(key, version, size))).toList(),
        mode,
        Options.DEFAULT);
  }

  static StoreResult store(L2Adapter adapter, List<ObjectKey> keys, int version, int size) {
    return await(adapter.store(storeRequest(keys, version, size, StoreMode.IF_ABSENT)));
  }

  static StoreResult replace(L2Adapter adapter, List<ObjectKey> keys, int version, int size) {
    return await(adapter.store(storeRequest(keys, version, size, StoreMode.REPLACE)));
  }

  static LoadResult load(L2Adapter adapter, List<ObjectKey> keys, List<MemoryObject> into) {
    List<LoadItem> items = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      items.add(LoadItem.of(keys.get(i), into.get(i)));
    }
    return await(adapter.load(LoadRequest.of(items)));
  }

  static LookupLease lookup(L2Adapter adapter, List<ObjectKey> keys) {
    return await(adapter.lookup(LookupRequest.of(keys)));
  }

  static DeleteResult delete(L2Adapter adapter, List<ObjectKey> keys) {
    return await(adapter.delete(DeleteRequest.of(keys)));
  }
}

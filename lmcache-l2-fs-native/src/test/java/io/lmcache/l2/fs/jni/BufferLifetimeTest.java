// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A caller that keeps nothing but the stage: the memory stays while C++ has its address, also of
 * what waits, and no longer. A collector that does not collect shows as the test's time-out.
 */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class BufferLifetimeTest {

  private static final int OBJECTS = 12;
  private static final int WORKERS = 2;
  private static final int SIZE = 50_000;

  @TempDir Path dir;
  private final List<WeakReference<ByteBuffer>> lent = new ArrayList<>();

  @Test
  void memoryThatNobodyElseRefersToStaysWhileItIsLent() throws Exception {
    try (L2Adapter adapter = FieldEffects.open(FsNativeConfigs.at(dir).workers(WORKERS))) {
      NativeSeam.hold(NativeSeam.WRITE);
      CompletionStage<StoreResult> stored = submitStores(adapter);
      NativeSeam.awaitHeld(WORKERS);
      collectAndReuse();
      assertThat(lent).hasSize(OBJECTS).noneMatch(memory -> memory.get() == null);
      NativeSeam.release();
      assertThat(await(stored).count(StoreOutcome.STORED)).isEqualTo(OBJECTS);
      awaitCollected();
      List<MemoryObject> into = keys(OBJECTS).stream().map(key -> poisoned(SIZE)).toList();
      assertThat(load(adapter, keys(OBJECTS), into).count(LoadOutcome.LOADED)).isEqualTo(OBJECTS);
      for (int i = 0; i < OBJECTS; i++) {
        assertHolds(into.get(i), key(i), 1);
      }

      loadIntoMemoryOfNobody(adapter);
      awaitCollected();
    }
  }

  /** When it returns, nobody refers to what was loaded any more. */
  private void loadIntoMemoryOfNobody(L2Adapter adapter) throws Exception {
    NativeSeam.hold(NativeSeam.READ);
    CompletionStage<LoadResult> loaded = submitLoads(adapter);
    NativeSeam.awaitHeld(WORKERS);
    collectAndReuse();
    List<ByteBuffer> found =
        lent.stream().map(WeakReference::get).map(Objects::requireNonNull).toList();
    NativeSeam.release();
    assertThat(await(loaded).count(LoadOutcome.LOADED)).isEqualTo(OBJECTS);
    for (int i = 0; i < OBJECTS; i++) {
      assertHolds(MemoryObject.of(found.get(i)), key(i), 1);
    }
  }

  private CompletionStage<StoreResult> submitStores(L2Adapter adapter) {
    List<StoreItem> items = new ArrayList<>();
    for (int i = 0; i < OBJECTS; i++) {
      ByteBuffer memory = ByteBuffer.allocateDirect(SIZE);
      for (int at = 0; at < SIZE; at++) {
        memory.put(at, TestObjects.expected(key(i), 1, at));
      }
      lent.add(new WeakReference<>(memory));
      items.add(new StoreItem(key(i), MemoryObject.of(memory)));
    }
    return adapter.store(StoreRequest.of(items));
  }

  private CompletionStage<LoadResult> submitLoads(L2Adapter adapter) {
    List<LoadItem> items = new ArrayList<>();
    for (int i = 0; i < OBJECTS; i++) {
      ByteBuffer memory = ByteBuffer.allocateDirect(SIZE);
      lent.add(new WeakReference<>(memory));
      items.add(LoadItem.of(key(i), MemoryObject.of(memory)));
    }
    return adapter.load(LoadRequest.of(items));
  }

  /** Collects what can be, and takes and overwrites the memory that this sets free. */
  private static void collectAndReuse() {
    for (int round = 0; round < 3; round++) {
      WeakReference<ByteBuffer> unused = new WeakReference<>(ByteBuffer.allocateDirect(SIZE));
      while (unused.get() != null) {
        System.gc();
      }
      List<ByteBuffer> reused = new ArrayList<>();
      for (int i = 0; i < 4 * OBJECTS; i++) {
        ByteBuffer memory = ByteBuffer.allocateDirect(SIZE);
        while (memory.hasRemaining()) {
          memory.put((byte) 0xEE);
        }
        reused.add(memory);
      }
      assertThat(reused).hasSize(4 * OBJECTS);
    }
  }

  /** Else the adapter keeps what has been given back, or this test holds it all the time. */
  private void awaitCollected() {
    while (lent.stream().anyMatch(memory -> memory.get() != null)) {
      System.gc();
    }
    lent.clear();
  }
}

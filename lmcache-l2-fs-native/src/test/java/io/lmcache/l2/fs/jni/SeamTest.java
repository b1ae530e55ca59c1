// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.lookup;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static io.lmcache.l2.fs.jni.TestObjects.storeRequest;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can only be seen while file operations are held, or made to fail, inside the C++ client. */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class SeamTest {

  private static final int SIZE = 3000;
  private static final int ENOSPC = 28;
  private static final int EIO = 5;

  @TempDir Path dir;
  private final TestContext context = new TestContext();

  private L2Adapter open(int workers) throws Exception {
    FsNativeConfig config = FsNativeConfigs.of(dir, workers, "", 0);
    return new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context);
  }

  private long files() throws Exception {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(file -> !file.endsWith(".lmcache")).count();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 32})
  void oneSubmittingThreadKeepsEveryWorkerInsideTheFileSystem(int workers) throws Exception {
    try (L2Adapter adapter = open(workers)) {
      NativeSeam.hold(NativeSeam.WRITE);
      CompletionStage<StoreResult> stored =
          adapter.store(storeRequest(keys(64), 1, SIZE, StoreMode.IF_ABSENT));
      NativeSeam.awaitHeld(workers);
      assertThat(NativeSeam.inside()).isEqualTo(workers);
      assertThat(adapter.loans()).isEqualTo(64);
      assertThat(adapter.usage().inFlightBytes()).isEqualTo(64L * SIZE);
      assertThat(stored.toCompletableFuture().isDone()).isFalse();
      NativeSeam.release();
      assertThat(await(stored).count(StoreOutcome.STORED)).isEqualTo(64);
      assertThat(NativeSeam.peakInside()).as("over all 64 objects").isEqualTo(workers);

      NativeSeam.hold(NativeSeam.READ);
      List<MemoryObject> into = keys(64).stream().map(key -> poisoned(SIZE)).toList();
      List<LoadItem> items =
          Stream.iterate(0, i -> i + 1)
              .limit(64)
              .map(i -> LoadItem.of(key(i), into.get(i)))
              .toList();
      var loaded = adapter.load(LoadRequest.of(items));
      NativeSeam.awaitHeld(workers);
      assertThat(NativeSeam.inside()).isEqualTo(workers);
      NativeSeam.release();
      assertThat(await(loaded).count(LoadOutcome.LOADED)).isEqualTo(64);
      assertThat(NativeSeam.peakInside()).isEqualTo(workers);
      for (int i = 0; i < 64; i++) {
        assertHolds(into.get(i), key(i), 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, create, ENOSPC, 28, AFTER_ROOM, NO_SPACE",
    "3, write, ENOSPC, 28, AFTER_ROOM, NO_SPACE",
    "3, write, EIO, 5, LATER, IO",
    "7, close, EIO, 5, LATER, IO",
    "8, rename, EACCES, 13, NEVER, ACCESS",
    "11, set attribute, ENOSPC, 28, LATER, IO"
  })
  void aFailingStepFailsItsKeyAlone(
      int operation, String step, String name, int errno, Retry retry, L2ErrorCode code)
      throws Exception {
    try (L2Adapter adapter = open(1)) {
      NativeSeam.fail(operation, 2, errno);
      StoreResult result = store(adapter, keys(3), 1, SIZE);
      assertThat(result.count(StoreOutcome.STORED)).isEqualTo(2);
      assertThat(result.outcome(1)).isEqualTo(StoreOutcome.FAILED);
      assertThat(why(result.error(1)).code()).isEqualTo(code);
      assertThat(why(result.error(1)).retry()).isEqualTo(retry);
      assertThat(why(result.error(1)).nativeCode()).isEqualTo(name);
      assertThat(why(result.error(1)).text()).contains(step, dir.toString(), name);
      assertThat(files()).isEqualTo(2);
      assertThat(adapter.usage().storedObjects()).isEqualTo(2);
      assertThat(adapter.usage().inFlightBytes()).isZero();
      try (LookupLease lease = lookup(adapter, keys(3))) {
        assertThat(lease.hit(1)).as("a failed key is not visible").isFalse();
      }
      assertThat(store(adapter, List.of(key(1)), 1, SIZE).outcome(0))
          .isEqualTo(StoreOutcome.STORED);
    }
  }

  @Test
  void anOpenThatFailsNamesTheDirectoryThatDidNotOpen() {
    FsNativeConfig config = FsNativeConfigs.of(dir, 1, "staging", 0);
    for (int nthOpen : List.of(1, 2)) {
      NativeSeam.fail(NativeSeam.OPEN, nthOpen, EIO);
      assertThatThrownBy(
              () -> new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              (nthOpen == 1 ? "open " + dir : "open directory of staging files " + dir + "/staging")
                  + ": Input/output error (EIO)");
      assertThat(NativeSeam.hasFaults()).isFalse();
    }
  }

  @Test
  void aFailedReplaceLeavesTheOldObjectWhole() throws Exception {
    try (L2Adapter adapter = open(1)) {
      store(adapter, keys(1), 1, SIZE);
      NativeSeam.fail(NativeSeam.WRITE, 1, ENOSPC);
      assertThat(TestObjects.replace(adapter, keys(1), 2, SIZE).outcome(0))
          .isEqualTo(StoreOutcome.FAILED);
      MemoryObject into = poisoned(SIZE);
      assertThat(load(adapter, keys(1), List.of(into)).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertHolds(into, key(0), 1);
      assertThat(files()).isEqualTo(1);
    }
  }

  @Test
  void shortReadsAndWritesAreContinued() throws Exception {
    try (L2Adapter adapter = open(1)) {
      NativeSeam.shorten(NativeSeam.WRITE, 1, 7);
      NativeSeam.shorten(NativeSeam.WRITE, 2, 1000);
      NativeSeam.shorten(NativeSeam.READ, 1, 13);
      assertThat(store(adapter, keys(1), 1, SIZE).outcome(0)).isEqualTo(StoreOutcome.STORED);
      MemoryObject into = poisoned(SIZE);
      assertThat(load(adapter, keys(1), List.of(into)).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertHolds(into, key(0), 1);
    }
  }

  @Test
  void aReadErrorIsAFailureAndNotAbsence() throws Exception {
    try (L2Adapter adapter = open(1)) {
      store(adapter, keys(1), 1, SIZE);
      NativeSeam.fail(NativeSeam.READ, 1, EIO);
      var result = load(adapter, keys(1), List.of(poisoned(SIZE)));
      assertThat(result.outcome(0)).isEqualTo(LoadOutcome.FAILED);
      assertThat(why(result.error(0)).text()).contains("read", dir.toString(), "EIO");
      assertThat(adapter.usage().storedObjects()).isEqualTo(1);
    }
  }

  @Test
  void aLoadThatIsHeldHoldsNoOther() throws Exception {
    try (L2Adapter adapter = open(2)) {
      store(adapter, keys(3), 1, SIZE);
      NativeSeam.holdNth(NativeSeam.READ, 2);
      List<MemoryObject> into = keys(3).stream().map(key -> poisoned(SIZE)).toList();
      assertThat(load(adapter, List.of(key(0)), List.of(into.get(0))).outcome(0))
          .isEqualTo(LoadOutcome.LOADED);
      var held = adapter.load(LoadRequest.of(List.of(LoadItem.of(key(1), into.get(1)))));
      NativeSeam.awaitHeld(1);
      assertThat(load(adapter, List.of(key(2)), List.of(into.get(2))).outcome(0))
          .isEqualTo(LoadOutcome.LOADED);
      assertThat(NativeSeam.held()).isEqualTo(1);
      assertThat(held.toCompletableFuture().isDone()).isFalse();
      NativeSeam.release();
      assertThat(await(held).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      for (int i = 0; i < 3; i++) {
        assertHolds(into.get(i), key(i), 1);
      }
      assertThat(NativeSeam.fired()).isEqualTo(1);
    }
  }

  @Test
  void mutationsOfOneKeyGoInTheOrderOfSubmission() throws Exception {
    try (L2Adapter adapter = open(4)) {
      NativeSeam.hold(NativeSeam.RENAME);
      var first = adapter.store(storeRequest(keys(1), 1, SIZE, StoreMode.REPLACE));
      NativeSeam.awaitHeld(1);
      var second = adapter.store(storeRequest(keys(1), 2, SIZE + 1, StoreMode.REPLACE));
      CompletionStage<DeleteResult> third = adapter.delete(DeleteRequest.of(keys(1)));
      var fourth = adapter.store(storeRequest(keys(1), 4, SIZE + 3, StoreMode.IF_ABSENT));
      CompletionStage<LookupLease> behindTheDelete = adapter.lookup(LookupRequest.of(keys(1)));
      assertThat(NativeSeam.inside()).isEqualTo(1);
      NativeSeam.release();
      assertThat(await(first).outcome(0)).isEqualTo(StoreOutcome.STORED);
      assertThat(await(second).outcome(0)).isEqualTo(StoreOutcome.STORED);
      assertThat(await(third).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
      assertThat(await(fourth).outcome(0)).isEqualTo(StoreOutcome.STORED);
      await(behindTheDelete).close();
      assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE + 3);
      assertThat(context.takeEvents(5))
          .containsExactly(
              "stored [" + key(0) + "] [" + SIZE + "]",
              "removed [" + key(0) + "] [" + SIZE + "] REPLACED",
              "stored [" + key(0) + "] [" + (SIZE + 1) + "]",
              "removed [" + key(0) + "] [" + (SIZE + 1) + "] DELETED",
              "stored [" + key(0) + "] [" + (SIZE + 3) + "]");
    }
  }

  @Test
  void closeReturnsWhileAReadIsHeldAndEndsNoLoan() throws Exception {
    L2Adapter adapter = open(1);
    List<ObjectKey> keys = keys(3);
    store(adapter, keys, 1, SIZE);
    NativeSeam.hold(NativeSeam.READ);
    MemoryObject into = poisoned(SIZE);
    var held = adapter.load(LoadRequest.of(List.of(LoadItem.of(key(0), into))));
    NativeSeam.awaitHeld(1);
    var queued = adapter.load(LoadRequest.of(List.of(LoadItem.of(key(1), poisoned(SIZE)))));
    var first = adapter.delete(DeleteRequest.of(List.of(key(2))));
    var behind = adapter.store(storeRequest(List.of(key(2)), 2, SIZE, StoreMode.REPLACE));

    CloseReport report = adapter.close(Duration.ZERO);
    assertThat(report).isEqualTo(new CloseReport(0, 3, 1));
    assertThat(why(await(queued).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(await(first).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(await(behind).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(held.toCompletableFuture().isDone()).isFalse();
    assertThat(adapter.loans()).isEqualTo(1);
    assertThat(context.liveThreads()).containsExactly("lmc-drain");

    NativeSeam.release();
    assertThat(await(held).outcome(0)).isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, key(0), 1);
    assertThat(adapter.loans()).isZero();
    context.awaitNoThreads();
  }

  @Test
  void closeFromTheDrainThreadDoesNotWaitForItself() throws Exception {
    L2Adapter adapter = open(2);
    NativeSeam.hold(NativeSeam.WRITE);
    var stage = adapter.store(storeRequest(keys(1), 1, SIZE, StoreMode.IF_ABSENT));
    NativeSeam.awaitHeld(1);
    var closed = stage.thenApply(result -> adapter.close(Duration.ofSeconds(60)));
    NativeSeam.release();
    assertThat(await(closed)).isEqualTo(CloseReport.IDLE);
    adapter.close(Duration.ofSeconds(60));
    context.awaitNoThreads();
    assertThat(why(store(adapter, keys(1), 1, SIZE).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
  }
}

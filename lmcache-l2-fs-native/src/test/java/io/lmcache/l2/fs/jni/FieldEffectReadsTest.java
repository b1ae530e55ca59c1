// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.counter;
import static io.lmcache.l2.fs.jni.FieldEffects.detail;
import static io.lmcache.l2.fs.jni.FieldEffects.open;
import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static io.lmcache.l2.fs.jni.TestObjects.storeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields that say how loads are done: each changes what the C++ threads do to files. */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class FieldEffectReadsTest {

  private static final int SIZE = 100_000;
  private static final int EINVAL = 22;

  @TempDir Path dir;

  private static List<LoadItem> loadItems(int from, int count, List<MemoryObject> into) {
    List<LoadItem> items = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      MemoryObject object = poisoned(SIZE);
      into.add(object);
      items.add(LoadItem.of(key(i), object));
    }
    return items;
  }

  private static List<String> readsOfALoad(L2Adapter adapter, MemoryObject into) {
    NativeSeam.startTrace();
    LoadResult loaded = await(adapter.load(LoadRequest.of(List.of(LoadItem.of(key(0), into)))));
    String trace = NativeSeam.takeTrace();
    assertThat(loaded.outcome(0)).isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, key(0), 1);
    return trace.lines().filter(line -> line.startsWith("pread")).toList();
  }

  @ParameterizedTest
  @EnumSource(Checksum.class)
  void readAheadSizeIsTheLengthOfTheFirstRead(Checksum checksum) throws Exception {
    FsNativeConfigs.Builder config = FsNativeConfigs.at(dir).checksum(checksum);
    try (L2Adapter plain = open(config)) {
      store(plain, keys(1), 1, SIZE);
      assertThat(readsOfALoad(plain, poisoned(SIZE))).containsExactly("pread 100000@0");
      assertThat(plain.status().details()).doesNotContainKey("read_ahead_size");
    }
    try (L2Adapter warming = open(config.readAhead(4097))) {
      assertThat(readsOfALoad(warming, poisoned(SIZE)))
          .containsExactly("pread 4097@0", "pread 95903@4097");
      assertThat(detail(warming, "read_ahead_size")).isEqualTo("requested=4097 effective=true");
    }
    try (L2Adapter beyond = open(config.readAhead(SIZE + 1))) {
      assertThat(readsOfALoad(beyond, poisoned(SIZE)))
          .as("no more than the object")
          .containsExactly("pread 100000@0");
    }
  }

  @Test
  void readAheadSizeIsIgnoredAndSaidToBeWhereReadsAreDirect() throws Exception {
    NativeSeam.setResidentPages(0);
    int size = 3 * FieldEffects.UNIT;
    FsNativeConfigs.Builder config = FsNativeConfigs.at(dir).readAhead(FieldEffects.UNIT);
    try (L2Adapter adapter = open(config.direct(UseOdirect.REQUIRE))) {
      FieldEffects.storeAligned(adapter, key(0), size, size);
      assertThat(readsOfALoad(adapter, FieldEffects.alignedPoison(size, size)))
          .containsExactly("pread 12288@0");
      assertThat(detail(adapter, "read_ahead_size"))
          .isEqualTo("requested=4096 effective=false reason=reads are direct");
    }
    FsNativeConfigs.Builder odd =
        FsNativeConfigs.at(dir.resolve("odd")).readAhead(FieldEffects.UNIT);
    try (L2Adapter adapter = open(odd.direct(UseOdirect.ON))) {
      FieldEffects.storeAligned(adapter, key(0), size - 1, size - 1);
      assertThat(readsOfALoad(adapter, FieldEffects.alignedPoison(size - 1, size - 1)))
          .containsExactly("pread 4096@0", "pread 8191@4096");
      assertThat(detail(adapter, "read_ahead_size"))
          .isEqualTo(
              "requested=4096 effective=false reason=reads are direct, but for those that fall"
                  + " back");
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 0, 2", "2, 1, 1", "1, 6, 6"})
  void readIoDepthIsHowManyThreadsLoad(int workers, int depth, int reading) throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).workers(workers).readers(depth))) {
      store(adapter, keys(12), 1, SIZE);
      assertThat(detail(adapter, "read_io_depth"))
          .isEqualTo(depth > 0 ? Integer.toString(depth) : "0: the workers load, " + workers);
      assertThat(detail(adapter, "num_workers")).isEqualTo(Integer.toString(workers));
      NativeSeam.hold(NativeSeam.READ);
      List<MemoryObject> into = new ArrayList<>();
      CompletionStage<LoadResult> loads = adapter.load(LoadRequest.of(loadItems(0, 12, into)));
      NativeSeam.awaitHeld(reading);
      assertThat(counter(adapter, "running")).isEqualTo(reading);
      assertThat(counter(adapter, "queued")).isEqualTo(12 - reading);
      assertThat(counter(adapter, "read_bytes_in_flight")).isEqualTo((long) reading * SIZE);
      if (depth > 0) {
        // The workers are free for what is not a load.
        assertThat(store(adapter, List.of(key(99)), 1, SIZE).outcome(0))
            .isEqualTo(StoreOutcome.STORED);
      }
      assertThat(NativeSeam.inside()).isEqualTo(reading);
      NativeSeam.release();
      assertThat(await(loads).count(LoadOutcome.LOADED)).isEqualTo(12);
      for (int i = 0; i < 12; i++) {
        assertHolds(into.get(i), key(i), 1);
      }
      assertThat(counter(adapter, "read_bytes_in_flight")).isZero();
      assertThat(counter(adapter, "running")).isZero();

      NativeSeam.reset();
      NativeSeam.hold(NativeSeam.READ);
      var again = adapter.load(LoadRequest.of(loadItems(0, 12, new ArrayList<>())));
      NativeSeam.awaitHeld(reading);
      NativeSeam.release();
      assertThat(await(again).count(LoadOutcome.LOADED)).isEqualTo(12);
      assertThat(NativeSeam.peakInside())
          .as("over all loads, with no other work")
          .isEqualTo(reading);
    }
  }

  /**
   * Eight readers and a window of two and a half objects: three loads are begun, which passes the
   * window by less than an object, and never more.
   */
  @Test
  void readMaxBytesInFlightIsReachedAndPassedByLessThanAnObject() throws Exception {
    long window = 2 * SIZE + SIZE / 2;
    try (L2Adapter adapter =
        open(FsNativeConfigs.at(dir).workers(1).readers(8).readWindow(window))) {
      store(adapter, keys(9), 1, SIZE);
      assertThat(detail(adapter, "read_max_bytes_in_flight")).isEqualTo(Long.toString(window));

      NativeSeam.hold(NativeSeam.READ);
      List<MemoryObject> into = new ArrayList<>();
      var first = adapter.load(LoadRequest.of(loadItems(0, 1, into)));
      NativeSeam.awaitHeld(1);
      assertThat(counter(adapter, "read_bytes_in_flight")).isEqualTo(SIZE);
      var others = adapter.load(LoadRequest.of(loadItems(1, 8, into)));
      NativeSeam.awaitHeld(3);
      assertThat(NativeSeam.inside()).as("with room for no more").isEqualTo(3);
      assertThat(counter(adapter, "read_bytes_in_flight"))
          .as("reaches the window, and passes it by less than an object")
          .isEqualTo(3L * SIZE)
          .isBetween(window, window + SIZE);
      assertThat(counter(adapter, "queued")).isEqualTo(6);
      NativeSeam.release();
      assertThat(await(first).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertThat(await(others).count(LoadOutcome.LOADED)).isEqualTo(8);
      assertThat(NativeSeam.peakInside()).as("loads at the same time").isEqualTo(3);
      for (int i = 0; i < 9; i++) {
        assertHolds(into.get(i), key(i), 1);
      }
      assertThat(counter(adapter, "read_bytes_in_flight")).isZero();
    }
  }

  /** While one load is held, others come and go beside it: the window slides. */
  @Test
  void anEndedReadAdmitsTheNextOneAtOnce() throws Exception {
    try (L2Adapter adapter =
        open(FsNativeConfigs.at(dir).workers(1).readers(8).readWindow(2L * SIZE))) {
      store(adapter, keys(2), 1, SIZE);
      NativeSeam.hold(NativeSeam.READ);
      List<MemoryObject> into = new ArrayList<>();
      var held = adapter.load(LoadRequest.of(loadItems(0, 1, into)));
      NativeSeam.awaitHeld(1);
      // These are not there. One at a time fits beside the first, and its end lets the next one in.
      var absent = adapter.load(LoadRequest.of(loadItems(10, 5, new ArrayList<>())));
      assertThat(await(absent).count(LoadOutcome.NOT_FOUND)).isEqualTo(5);
      assertThat(held.toCompletableFuture().isDone()).isFalse();
      var second = adapter.load(LoadRequest.of(loadItems(1, 1, into)));
      NativeSeam.awaitHeld(2);
      var waiting = adapter.load(LoadRequest.of(loadItems(20, 1, new ArrayList<>())));
      assertThat(counter(adapter, "queued")).as("the window is full").isEqualTo(1);
      assertThat(waiting.toCompletableFuture().isDone()).isFalse();
      NativeSeam.release();
      assertThat(await(held).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertThat(await(second).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertThat(await(waiting).outcome(0)).isEqualTo(LoadOutcome.NOT_FOUND);
    }
  }

  @Test
  void theWindowOfReadersIs1536MiBIfNothingIsSaid() throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).readers(2))) {
      assertThat(detail(adapter, "read_max_bytes_in_flight")).isEqualTo("1610612736");
    }
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      assertThat(detail(adapter, "read_max_bytes_in_flight")).isEqualTo("0");
    }
  }

  @Test
  void largeLoadsAreSplitOverSeveralWorkersOnly() throws Exception {
    int large = 16 << 20;
    for (int workers : new int[] {1, 4}) {
      Path base = dir.resolve("workers " + workers);
      try (L2Adapter adapter = open(FsNativeConfigs.at(base).workers(workers))) {
        assertThat(
                await(adapter.store(storeRequest(keys(1), 1, large, StoreMode.IF_ABSENT)))
                    .outcome(0))
            .isEqualTo(StoreOutcome.STORED);
        MemoryObject into = poisoned(large);
        assertThat(TestObjects.load(adapter, keys(1), List.of(into)).outcome(0))
            .isEqualTo(LoadOutcome.LOADED);
        assertHolds(into, key(0), 1);
        assertThat(counter(adapter, "split_loads")).isEqualTo(workers > 1 ? 1 : 0);
      }
    }
  }

  /** One piece that is refused has the whole object read once more, through the page cache. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 5})
  void largeLoadsAreDirectUnlessAPieceIsRefused(int refused) throws Exception {
    NativeSeam.setResidentPages(0);
    NativeSeam.setDioAlign(512, FieldEffects.UNIT);
    int pieces = 5;
    int size = pieces * (4 << 20) + 12_345;
    int physical = size + FieldEffects.UNIT - size % FieldEffects.UNIT;
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).direct(UseOdirect.ON))) {
      assertThat(FieldEffects.storeAligned(adapter, key(0), size, physical).outcome(0))
          .isEqualTo(StoreOutcome.STORED);
      if (refused > 0) {
        NativeSeam.fail(NativeSeam.READ, refused, EINVAL);
      }
      MemoryObject into = FieldEffects.alignedPoison(size, physical);
      List<String> reads = readsOfALoad(adapter, into);
      assertThat(reads).filteredOn(read -> read.matches("pread 4(194304|210688)@.*")).isNotEmpty();
      assertThat(reads.size()).isGreaterThanOrEqualTo(refused > 0 ? refused + 1 : pieces);
      assertThat(counter(adapter, "split_loads")).isEqualTo(1);
      assertThat(counter(adapter, "direct_loads")).isEqualTo(refused > 0 ? 0 : 1);
      assertThat(counter(adapter, "odirect_fallback_errno")).isEqualTo(refused > 0 ? 1 : 0);
      assertThat(NativeSeam.hasFaults()).isFalse();
    }
  }
}

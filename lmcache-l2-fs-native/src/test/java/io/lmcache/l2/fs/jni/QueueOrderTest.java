// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.EVICTING;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.filled;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.Options;
import io.lmcache.spi.Priority;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the adapter tells the pool reaches it: whether deletes are urgent, and priorities. One
 * worker is held in a write while work queues behind it; objects are told apart by their sizes.
 */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class QueueOrderTest {

  private static final int SIZE = 5000;
  private static final int FIRST = 6000;
  private static final double GIB = 1L << 30;

  @TempDir Path dir;

  private L2Adapter open(double capacityBytes) throws Exception {
    L2Adapter adapter =
        FieldEffects.open(
            FsNativeConfigs.at(dir).workers(1).capacityGb(capacityBytes / GIB), EVICTING);
    while (adapter.usage().recovering()) {
      Thread.onSpinWait();
    }
    return adapter;
  }

  private static CompletionStage<StoreResult> storeSized(
      L2Adapter adapter, int size, Priority priority) {
    return adapter.store(
        new StoreRequest(
            List.of(new StoreItem(key(size), filled(key(size), 1, size))),
            StoreMode.IF_ABSENT,
            Options.DEFAULT.withPriority(priority)));
  }

  /** What the worker does once it is let go: the sizes that it writes, and removals. */
  private static List<String> order() {
    return NativeSeam.takeTrace()
        .lines()
        .filter(line -> line.matches("(pwrite|unlink).*"))
        .map(line -> line.replaceAll("pwrite (\\d+)@0", "$1"))
        .toList();
  }

  /** The three objects that are there and the one that is held reach 80 % of 20,000 bytes. */
  @ParameterizedTest
  @CsvSource({
    "1073741824, 6000 6001 6002 unlink unlink unlink",
    "20000, unlink unlink unlink 6000 6001 6002"
  })
  void deletesGoFirstOverTheWatermark(double capacityBytes, String expected) throws Exception {
    try (L2Adapter adapter = open(capacityBytes)) {
      store(adapter, keys(3), 1, SIZE);
      NativeSeam.hold(NativeSeam.WRITE);
      var first = storeSized(adapter, SIZE + 1, Priority.NORMAL);
      NativeSeam.awaitHeld(1);
      NativeSeam.startTrace();
      List<CompletionStage<StoreResult>> stores =
          IntStream.range(FIRST, FIRST + 3)
              .mapToObj(size -> storeSized(adapter, size, Priority.NORMAL))
              .toList();
      var deletes = adapter.delete(DeleteRequest.of(keys(3)));
      NativeSeam.release();
      assertThat(await(first).outcome(0)).isEqualTo(StoreOutcome.STORED);
      assertThat(await(deletes).count(DeleteOutcome.DELETED)).isEqualTo(3);
      assertThat(stores)
          .allSatisfy(stage -> assertThat(await(stage).outcome(0)).isEqualTo(StoreOutcome.STORED));
      assertThat(String.join(" ", order())).isEqualTo(expected);
    }
  }

  /** Of eight in a row one is normal and one low while these have work; the rest is high. */
  @Test
  void prioritiesDecideWhoIsNext() throws Exception {
    try (L2Adapter adapter = open(GIB)) {
      NativeSeam.hold(NativeSeam.WRITE);
      var first = storeSized(adapter, SIZE, Priority.NORMAL);
      NativeSeam.awaitHeld(1);
      NativeSeam.startTrace();
      List<CompletionStage<StoreResult>> stores = new ArrayList<>();
      for (int size : new int[] {301, 302}) {
        stores.add(storeSized(adapter, size, Priority.LOW));
      }
      for (int size : new int[] {201, 202}) {
        stores.add(storeSized(adapter, size, Priority.NORMAL));
      }
      for (int size : new int[] {101, 102, 103, 104}) {
        stores.add(storeSized(adapter, size, Priority.HIGH));
      }
      NativeSeam.release();
      assertThat(await(first).outcome(0)).isEqualTo(StoreOutcome.STORED);
      assertThat(stores)
          .allSatisfy(stage -> assertThat(await(stage).outcome(0)).isEqualTo(StoreOutcome.STORED));
      assertThat(order()).containsExactly("101", "102", "201", "103", "104", "202", "301", "302");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.EVICTING;
import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An adapter one of whose threads cannot be started is not opened, and leaves nothing behind. */
@Tag("native")
final class ThreadFailureTest {

  private static final int THREADS = 3;
  private static final int SIZE = 5000;

  @TempDir Path dir;

  private L2Adapter open(TestContext context) throws Exception {
    FsNativeConfig config = FsNativeConfigs.at(dir).capacityGb(1).diskLimits(1, 0).build();
    return new FsNativeAdapterFactory()
        .open(AdapterSpec.of("fs_native", config, EVICTING), context);
  }

  @ParameterizedTest
  @CsvSource({"1, disk's free space", "2, drain thread", "3, recovery thread"})
  void theOpenFailsAndLeavesNothing(int nth, String thread) throws Exception {
    open(new TestContext(EVICTING)).close();
    List<String> files = files();
    TestContext context = new TestContext(EVICTING);
    context.failThread(nth);
    Throwable thrown = catchThrowable(() -> open(context));
    assertThat(thrown)
        .isInstanceOf(IOException.class)
        .hasCauseInstanceOf(OutOfMemoryError.class)
        .hasMessageContainingAll(thread, "could not be started", "ulimit -u", "pids.max");
    assertThat(context.madeThreads()).isEqualTo(nth);
    assertThat(context.liveThreads()).isEmpty();
    assertThat(workers()).isEmpty();
    assertThat(Descriptors.of(dir)).isEmpty();
    assertThat(files()).isEqualTo(files);
    // The directory is exclusive, so a lock that was left would refuse this.
    try (L2Adapter adapter = open(new TestContext(EVICTING))) {
      assertThat(store(adapter, keys(1), 1, SIZE).outcome(0)).isEqualTo(StoreOutcome.STORED);
      MemoryObject into = poisoned(SIZE);
      assertThat(load(adapter, keys(1), List.of(into)).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertHolds(into, key(0), 1);
    }
  }

  @Test
  void thoseAreAllThreadsThatAreStartedAtOpen() throws Exception {
    TestContext context = new TestContext(EVICTING);
    context.failThread(THREADS + 1);
    try (L2Adapter adapter = open(context)) {
      assertThat(context.madeThreads()).isEqualTo(THREADS);
      assertThat(workers()).as("threads in C++").hasSize(4);
      assertThat(adapter.loans()).isZero();
      assertThat(Descriptors.of(dir)).as("descriptors of an open adapter").isNotEmpty();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(dir)) {
      return all.map(Path::toString).sorted().toList();
    }
  }

  /** The client's own threads. */
  private static List<String> workers() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .map(ThreadFailureTest::name)
          .filter(name -> name.matches("lmc-(io|read)-.*"))
          .toList();
    }
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return "a thread that has ended";
    }
  }
}

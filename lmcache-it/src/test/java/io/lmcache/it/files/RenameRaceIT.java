// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.files.RenameRaceLoop.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two writers replace one object while two readers load it: a reader gets one version or the other,
 * whole, and nobody takes a healthy file for a corrupt one.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class RenameRaceIT {

  enum Setting {
    ONE_JAVA,
    ONE_NATIVE,
    BOTH_IN_ONE_JVM,
    BOTH_IN_TWO_JVMS
  }

  private static final String SHARED = "\"shared\": true";

  /** A sixth of the time of a setting: three sizes, equal and different ones. */
  private static final int MILLIS = Boolean.getBoolean("lmcache.soak") ? 5000 : 700;

  private static final int LEAST = 25;
  private static final int KEY = 42;

  @TempDir Path dir;

  static Stream<Arguments> cases() {
    return Stream.of(Setting.values())
        .flatMap(
            setting ->
                Stream.of(4 << 10, 1 << 20, 6 << 20)
                    .flatMap(
                        size ->
                            Stream.of(
                                Arguments.of(setting, size, size),
                                Arguments.of(setting, size, size - 512))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readersGetOneVersionOrTheOtherWhole(Setting setting, int size, int otherSize)
      throws Exception {
    Seen seen =
        switch (setting) {
          case ONE_JAVA -> raceOnOne(Engine.FS_JAVA, size, otherSize);
          case ONE_NATIVE -> raceOnOne(Engine.FS_NATIVE, size, otherSize);
          case BOTH_IN_ONE_JVM -> raceInOneJvm(size, otherSize);
          case BOTH_IN_TWO_JVMS -> raceInTwoJvms(size, otherSize);
        };
    assertThat(seen.problems()).isEmpty();
    assertThat(seen.stores()).isGreaterThanOrEqualTo(2 * LEAST);
    assertThat(seen.loads()).isGreaterThanOrEqualTo(2 * LEAST);
    long loaded = seen.loads() - seen.mismatches();
    assertThat(loaded).as("objects that arrived").isPositive();
    assertThat(seen.firsts()).as("of the first version").isBetween(1L, loaded - 1);
    if (size != otherSize) {
      assertThat(seen.mismatches()).as("loads that met the other size").isPositive();
    }
    assertThat(OwnersFiles.staged(dir)).isEmpty();
  }

  private static RenameRaceLoop loop(int threadsOfAKind, int size, int otherSize) {
    return new RenameRaceLoop(KEY, threadsOfAKind, threadsOfAKind, size, otherSize, MILLIS, LEAST);
  }

  private Seen raceOnOne(Engine engine, int size, int otherSize) throws Exception {
    try (FileAdapter adapter = FileAdapter.open(engine, dir)) {
      adapter.mustStore(OwnersCommands.key(KEY), 0, size);
      Seen seen = watched(() -> loop(2, size, otherSize).run(adapter));
      assertNothingWrong(adapter);
      return seen;
    }
  }

  private Seen raceInOneJvm(int size, int otherSize) throws Exception {
    ExecutorService second = Executors.newSingleThreadExecutor();
    try (FileAdapter java = FileAdapter.open(Engine.FS_JAVA, dir, SHARED);
        FileAdapter nativeOne = FileAdapter.open(Engine.FS_NATIVE, dir, SHARED)) {
      java.mustStore(OwnersCommands.key(KEY), 0, size);
      Seen seen =
          watched(
              () -> {
                Future<Seen> other = second.submit(() -> loop(1, size, otherSize).run(nativeOne));
                return loop(1, size, otherSize).run(java).plus(other.get());
              });
      assertNothingWrong(java);
      assertNothingWrong(nativeOne);
      return seen;
    } finally {
      second.shutdownNow();
    }
  }

  private Seen raceInTwoJvms(int size, int otherSize) throws Exception {
    try (FileAdapter here = FileAdapter.open(Engine.FS_JAVA, dir, SHARED);
        OwnersChild there = OwnersChild.start()) {
      assertThat(there.tell("open FS_NATIVE " + dir + " " + SHARED)).startsWith("open ");
      here.mustStore(OwnersCommands.key(KEY), 0, size);
      Seen seen =
          watched(
              () -> {
                there.ask(loop(1, size, otherSize).command());
                Seen own = loop(1, size, otherSize).run(here);
                return own.plus(Seen.parse(there.answer()));
              });
      assertNothingWrong(here);
      for (String counter : List.of("corrupt", "corrupt_kept", "empty", "foreign", "unverified")) {
        assertThat(there.tell("detail " + counter)).as(counter + " there").isEqualTo("0");
      }
      return seen;
    }
  }

  private static void assertNothingWrong(FileAdapter adapter) {
    for (String counter : List.of("corrupt", "corrupt_kept", "empty", "foreign", "unverified")) {
      assertThat(adapter.counter(counter)).as(counter).isZero();
    }
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
    assertThat(adapter.usage().inFlightBytes()).isZero();
  }

  /** Meanwhile somebody looks at the file again and again: it is there, always. */
  private Seen watched(Callable<Seen> race) throws Exception {
    Path file = onlyObject();
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService watcher = Executors.newSingleThreadExecutor();
    try {
      Future<Long> looks = watcher.submit(() -> lookUntil(over, file));
      Seen seen;
      try {
        seen = race.call();
      } finally {
        over.set(true);
      }
      assertThat(looks.get()).as("looks at the file").isGreaterThan(LEAST);
      assertThat(onlyObject()).isEqualTo(file);
      return seen;
    } finally {
      watcher.shutdownNow();
    }
  }

  private static long lookUntil(AtomicBoolean over, Path file) throws IOException {
    long looks = 0;
    try {
      while (!over.get()) {
        assertThat(Files.size(file)).isPositive();
        looks++;
        Thread.onSpinWait();
      }
    } catch (NoSuchFileException e) {
      throw new AssertionError("the object vanished at look " + looks, e);
    }
    return looks;
  }

  private Path onlyObject() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(dir)) {
      files.filter(file -> file.toString().endsWith(".data")).forEach(found::add);
    }
    assertThat(found).hasSize(1);
    return found.get(0);
  }
}

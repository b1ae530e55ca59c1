// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may use a directory, within one JVM. */
final class OwnershipTest {

  static final String PID_HOST_SINCE =
      "pid %s on \\S+ \\(fs_java, %s, since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\)";

  @TempDir Path base;

  static DirectoryOptions options(Path base, boolean shared) {
    DirectoryOptions options = DirectoryOptions.of(base, "fs_java");
    return new DirectoryOptions(
        base,
        "",
        0,
        shared,
        true,
        options.directoryMode(),
        options.fileMode(),
        Fsync.NONE,
        options.adapterType());
  }

  static String inUse(String pid, String mode) {
    return "base_path is in use by "
        + PID_HOST_SINCE.formatted(pid, mode)
        + "; set \"shared\": true in both";
  }

  /** Every file of a directory with its content, so that "nothing was touched" can be said. */
  static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        contents.put(
            file.getFileName().toString(),
            Files.isRegularFile(file) ? Files.readString(file) : "no regular file");
      }
    }
    return contents;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(base.resolve(".lmcache"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Ownership take(boolean shared) throws IOException {
    return Ownership.take(options(base, shared), base);
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false"})
  void unlessBothAreSharedTheSecondIsRefusedAndLeavesNothing(boolean first, boolean second)
      throws IOException {
    try (Ownership held = take(first)) {
      List<String> before = names();
      String mode = first ? "shared" : "exclusive";
      String message = inUse(Long.toString(ProcessHandle.current().pid()), mode);

      for (int attempt = 0; attempt < 3; attempt++) {
        assertThatThrownBy(() -> take(second))
            .isInstanceOf(IOException.class)
            .hasMessageMatching(message);
      }

      assertThat(names()).isEqualTo(before).containsExactly("lock", "owner-" + held.owner());
    }
    try (Ownership next = take(second)) {
      assertThat(next.exclusive()).isEqualTo(!second);
    }
    assertThat(names()).containsExactly("lock");
  }

  @Test
  void whoClosesAsFoundLeavesWhatOthersUseOrWasThere() throws IOException {
    Path meta = base.resolve(".lmcache");
    Ownership first = take(true);
    try (Ownership second = take(true)) {
      first.closeAsFound();
      assertThat(names()).containsExactly("lock", "owner-" + second.owner());
    }
    take(true).closeAsFound();
    assertThat(names()).containsExactly("lock");

    Files.delete(meta.resolve("lock"));
    Files.createFile(meta.resolve("format.json"));
    take(false).closeAsFound();
    assertThat(names()).containsExactly("format.json");

    Files.delete(meta.resolve("format.json"));
    take(true).closeAsFound();
    assertThat(meta).isEmptyDirectory();

    Files.delete(meta);
    take(true).closeAsFound();
    assertThat(meta).doesNotExist();
  }

  @Test
  void sharedOnesAreTogetherAndTheLastOneLetsAnExclusiveIn() throws IOException {
    Ownership first = take(true);
    Ownership second = take(true);
    Ownership third = take(true);
    assertThat(List.of(first.owner(), second.owner(), third.owner())).doesNotHaveDuplicates();
    assertThat(third.details())
        .isEqualTo(Map.of("ownership", "shared", "locks", "yes", "owners", "3"));
    assertThat(third.locks()).isTrue();
    assertThat(third.exclusive()).isFalse();

    assertThatThrownBy(() -> take(false))
        .hasMessageStartingWith("base_path is in use by pid ")
        .hasMessageContaining(" and pid ")
        .hasMessageEndingWith("; set \"shared\": true in both");
    second.close();
    first.close();
    first.close(); // Again: the third one's part is not given back with it.
    assertThatThrownBy(() -> take(false)).hasMessageStartingWith("base_path is in use by pid ");
    third.close();

    try (Ownership exclusive = take(false)) {
      assertThat(exclusive.details())
          .isEqualTo(
              Map.of(
                  "ownership",
                  "exclusive",
                  "exclusive",
                  "requested=true effective=true",
                  "locks",
                  "yes",
                  "owners",
                  "1"));
    }
  }

  @Test
  void ofManyOwnersTheOldestAreNamed() throws IOException {
    Instant noon = Instant.parse("2026-11-22T12:00:00Z");
    List<Ownership> held = new ArrayList<>();
    try {
      for (int hour : new int[] {2, 4, 1, 5, 3}) {
        Clock clock = Clock.fixed(noon.plus(Duration.ofHours(hour)), ZoneOffset.UTC);
        held.add(Ownership.take(options(base, true), base, clock, FileLocks.SYSTEM));
      }
      assertThatThrownBy(() -> take(false))
          .hasMessageMatching(
              "base_path is in use by pid [^;]*since 2026-11-22T13:00:00Z\\) and pid"
                  + " [^;]*since 2026-11-22T14:00:00Z\\) and pid"
                  + " [^;]*since 2026-11-22T15:00:00Z\\) and 2 more; set \"shared\": true in both");
    } finally {
      for (Ownership one : held) {
        one.close();
      }
    }
  }

  @Test
  void aDirectoryIsTheSameByAnyPath(@TempDir Path elsewhere) throws IOException {
    Path link = Files.createSymbolicLink(elsewhere.resolve("link"), base);
    try (Ownership held = take(false)) {
      assertThat(held.exclusive()).isTrue();
      assertThatThrownBy(() -> Ownership.take(options(link, false), link))
          .hasMessageStartingWith("base_path is in use by pid ");
    }
  }

  @Test
  void filesHaveTheConfiguredModesWhateverTheUmask() throws IOException {
    DirectoryOptions options =
        new DirectoryOptions(
            base,
            "",
            0,
            true,
            true,
            PosixFilePermissions.fromString("rwxrwxrwx"),
            PosixFilePermissions.fromString("rw-rw-rw-"),
            Fsync.NONE,
            "fs_native");
    try (Ownership held = Ownership.take(options, base)) {
      Path meta = base.resolve(".lmcache");
      Path owner = meta.resolve("owner-" + held.owner());
      assertThat(mode(meta)).isEqualTo("rwxrwxrwx");
      assertThat(mode(meta.resolve("lock"))).isEqualTo("rw-rw-rw-");
      assertThat(mode(owner)).isEqualTo("rw-rw-rw-");
      assertThat(held.stagingPrefix()).isEqualTo(".lmc-" + held.owner() + "-");
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void whatIsInTheWayIsNamed() throws IOException {
    Files.writeString(base.resolve(".lmcache"), "a file");
    assertThatThrownBy(() -> take(false))
        .hasMessage(base.resolve(".lmcache") + " is not a directory");
    Files.delete(base.resolve(".lmcache"));

    Files.createDirectory(base.resolve(".lmcache"));
    Files.createSymbolicLink(base.resolve(".lmcache/lock"), base.resolve("elsewhere"));
    assertThatThrownBy(() -> take(false)).hasMessage(base + "/.lmcache/lock is not a regular file");
    assertThat(names()).containsExactly("lock");
    assertThat(base.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void ofManyThreadsOneIsExclusive() throws Exception {
    int threads = 4;
    int rounds = 50;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CyclicBarrier barrier = new CyclicBarrier(threads);
    try {
      for (int round = 0; round < rounds; round++) {
        Callable<String> attempt =
            () -> {
              barrier.await();
              try (Ownership held = take(false)) {
                barrier.await(); // All have tried before the winner gives it back.
                return held.exclusive() ? "exclusive" : "not exclusive";
              } catch (IOException e) {
                barrier.await();
                return "refused";
              }
            };
        List<String> outcomes = new ArrayList<>();
        for (Future<String> future : pool.invokeAll(Collections.nCopies(threads, attempt))) {
          outcomes.add(future.get());
        }
        assertThat(outcomes)
            .containsExactlyInAnyOrder("exclusive", "refused", "refused", "refused");
        assertThat(names()).containsExactly("lock");
      }
    } finally {
      pool.shutdownNow();
    }
  }
}

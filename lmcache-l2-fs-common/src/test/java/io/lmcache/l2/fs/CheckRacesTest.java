// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others do to a file while it is checked, in each gap, and by chance. */
final class CheckRacesTest {

  private static final int SIZE = 100_000;
  private static final ObjectKey KEY = Raw.key("org/model", 1);

  @TempDir Path dir;

  private Path base;
  private Path file;
  private Path sound;

  @BeforeEach
  void damagedObject() throws Exception {
    base = dir.resolve("kv");
    file = ObjectFiles.put(base, 0, KEY, SIZE);
    sound = dir.resolve("sound");
    publish(sound, file);
    file = ObjectFiles.put(base, 0, KEY, SIZE);
    Path other = ObjectFiles.put(dir.resolve("other"), 0, Raw.key("org/model", 2), SIZE);
    Files.write(file, Files.readAllBytes(other));
    ObjectFiles.setAttribute(file, ObjectFiles.attribute(KEY, SIZE).encode());
  }

  private static void publish(Path to, Path from) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  private CheckReport repair(Checks.Watcher watcher) throws IOException {
    return Checks.watched(base, true, watcher);
  }

  @Test
  void aDamagedFileIsReadTwice() throws Exception {
    Checks.Watcher watcher = Checks.Watcher.quiet();
    assertThat(Checks.files(repair(watcher))).isEqualTo(Map.of(CheckKind.CORRUPT, 1L));
    assertThat(watcher.pieces()).isEqualTo(2);
    assertThat(file).doesNotExist();
  }

  /** 1: between the two looks; 2: after both, before it would be removed. */
  @Test
  void whatIsReplacedMeanwhileIsJudgedAnewAndStays() throws Exception {
    for (int at = 1; at <= 2; at++) {
      Checks.Watcher watcher = new Checks.Watcher(at, () -> publish(file, sound));
      CheckReport report = repair(watcher);
      assertThat(Checks.files(report)).as("at %d", at).isEqualTo(Map.of(CheckKind.VERIFIED, 1L));
      assertThat(report.isClean()).isTrue();
      assertThat(Files.readAllBytes(file)).isEqualTo(ObjectFiles.payload(KEY, SIZE));
      assertThat(watcher.pieces()).isEqualTo(at + 1);
      damagedObject();
    }
  }

  @Test
  void whatIsRemovedMeanwhileIsNoProblem() throws Exception {
    for (int at = 1; at <= 2; at++) {
      CheckReport report = repair(new Checks.Watcher(at, () -> Files.delete(file)));
      assertThat(Checks.files(report)).as("at %d", at).isEmpty();
      assertThat(report.gone()).isEqualTo(1);
      assertThat(report.isClean()).isTrue();
      damagedObject();
    }
  }

  /** What was read before it was replaced was as good as what is there now. */
  @Test
  void aSoundFileThatIsReplacedWhileItIsReadIsSound() throws Exception {
    Path damaged = dir.resolve("damaged");
    publish(damaged, file);
    publish(file, sound);
    CheckReport report = repair(new Checks.Watcher(1, () -> publish(file, damaged)));
    assertThat(Checks.files(report)).isEqualTo(Map.of(CheckKind.VERIFIED, 1L));
  }

  @Test
  void whoIsStoppedSaysSoAndRemovesNothingMore() throws Exception {
    Checks.Watcher[] watcher = new Checks.Watcher[1];
    watcher[0] = new Checks.Watcher(1, () -> watcher[0].stop());
    CheckReport report = repair(watcher[0]);
    assertThat(report.complete()).isFalse();
    assertThat(report.isClean()).isFalse();
    assertThat(file).exists();
    assertThat(base.resolve(".lmcache")).doesNotExist();
  }

  @Test
  void whileItRepairsNoExclusiveInstanceComesInAndSharedOnesDo() throws Exception {
    AtomicBoolean asked = new AtomicBoolean();
    repair(
        new Checks.Watcher(
            1,
            () -> {
              assertThatThrownBy(() -> Ownership.take(OwnershipTest.options(base, false), base))
                  .isInstanceOf(IOException.class)
                  .hasMessageMatching(
                      "base_path is in use by pid "
                          + ProcessHandle.current().pid()
                          + " on .* \\(fsck, shared, since .*\\); wait until that has ended");
              Ownership.take(OwnershipTest.options(base, true), base).close();
              asked.set(true);
            }));
    assertThat(asked).isTrue();
    Ownership.take(OwnershipTest.options(base, false), base).close();
  }

  @Test
  void besideAnExclusiveInstanceItOnlyChecks() throws Exception {
    try (Ownership living = Ownership.take(OwnershipTest.options(base, false), base)) {
      assertThat(living.exclusive()).isTrue();
      CheckReport report = Checks.check(base);
      assertThat(Checks.files(report)).isEqualTo(Map.of(CheckKind.CORRUPT, 1L));
      assertThat(report.place().users())
          .singleElement()
          .asString()
          .contains("pid " + ProcessHandle.current().pid(), "exclusive");
      assertThatThrownBy(() -> Checks.repair(base))
          .isInstanceOf(IOException.class)
          .hasMessageMatching(
              "base_path is in use by pid \\d+ on .*exclusive.*; close it before anything is"
                  + " removed, or only check");
      assertThat(file).exists();
    }
  }

  /** A writer replaces and removes one object all the time; checks come as often as they can. */
  @Test
  void aFileThatIsReplacedAndRemovedAllTheTimeIsSoundOrGone() throws Exception {
    Path staging = Files.createDirectory(dir.resolve("staging"));
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong replaced = new AtomicLong();
    ExecutorService writer = Executors.newSingleThreadExecutor();
    Files.delete(file);
    try {
      Future<?> writing =
          writer.submit(
              () -> {
                Path next = ObjectFiles.put(staging, 0, KEY, SIZE);
                for (int n = 0; !over.get(); n++) {
                  publish(file, next);
                  next = ObjectFiles.put(staging, 0, KEY, n % 2 == 0 ? SIZE : 2 * SIZE);
                  if (n % 3 == 2) {
                    Files.delete(file);
                  }
                  replaced.incrementAndGet();
                }
                return null;
              });
      long checks = 0;
      long verified = 0;
      for (; (verified < 500 || replaced.get() < 1000) && checks < 1_000_000; checks++) {
        CheckReport report = Checks.check(base);
        assertThat(Checks.files(report).keySet()).isSubsetOf(CheckKind.VERIFIED);
        assertThat(report.problems()).isZero();
        verified += report.of(CheckKind.VERIFIED).files();
      }
      over.set(true);
      writing.get();
      assertThat(replaced.get()).isGreaterThanOrEqualTo(1000);
      assertThat(verified).isGreaterThanOrEqualTo(500);
    } finally {
      over.set(true);
      writer.shutdownNow();
    }
  }
}

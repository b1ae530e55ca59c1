// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Mounts;
import io.lmcache.it.Programs;
import io.lmcache.it.files.CrashCase.FileSystem;
import io.lmcache.it.files.CrashCase.Fsync;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What {@code fsync} promises is kept when the machine dies: no wrong byte is delivered, with
 * {@code data} objects are whole or gone, with {@code full} all that was acknowledged is there.
 */
@Tag("native")
@Timeout(value = 900, unit = TimeUnit.SECONDS)
final class CrashDrillIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");
  private static final long SEED = Long.getLong("lmcache.drill.seed", 5);

  /** Crashes of each case. */
  private static final int ROUNDS = SOAK ? 4 : 1;

  /** Of all crashes of a file system. */
  private static final Duration HANG = Duration.ofMinutes(14);

  private static final List<String> OPTIONS =
      List.of("-Xmx256m", "-XX:MaxDirectMemorySize=1g", "-XX:TieredStopAtLevel=1");

  private static final List<CrashRound> all = new ArrayList<>();

  private static boolean possible;

  @TempDir Path dir;

  @BeforeAll
  static void needsMounts() throws Exception {
    Mounts.needed("mkfs.ext4", "mkfs.xfs", "perl");
    possible = true;
  }

  /** Each with a seed of its own. */
  private static List<CrashCase> crashes() {
    List<CrashCase> crashes = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (CrashCase how : CrashCase.some(SOAK)) {
        crashes.add(how.withSeed(SEED + crashes.size()));
      }
    }
    return crashes;
  }

  @ParameterizedTest
  @EnumSource(FileSystem.class)
  void whatWasPromisedSurvivesTheMachine(FileSystem fileSystem) throws Exception {
    Drill.needsDisk(dir, CrashDrill.BYTES);
    List<CrashCase> crashes =
        crashes().stream().filter(how -> how.fileSystem() == fileSystem).toList();
    List<String> command = new ArrayList<>(Mounts.NAMESPACE);
    command.addAll(
        Programs.program(
            CrashDrill.class,
            OPTIONS,
            Stream.concat(Stream.of(dir.toString()), crashes.stream().map(CrashCase::toString))
                .toArray(String[]::new)));
    Programs.Ended ended = Programs.run(dir, Map.of(), command, HANG);

    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    List<CrashRound> rounds = ended.out().lines().map(CrashRound::parse).toList();
    all.addAll(rounds);
    assertThat(rounds).extracting(CrashRound::how).isEqualTo(crashes);
    assertThat(rounds)
        .allSatisfy(
            round -> {
              assertThat(round.problems()).as(round.toString()).isEmpty();
              assertThat(round.stored()).as("stored, %s", round).isPositive();
              assertThat(round.inFlight()).as("in flight, %s", round).isPositive();
              assertThat(round.direct() > 0)
                  .as("past the cache, %s", round)
                  .isEqualTo(round.how().direct());
            });
  }

  private static long sum(Fsync fsync, ToLongFunction<CrashRound> what) {
    return all.stream().filter(round -> round.how().fsync() == fsync).mapToLong(what).sum();
  }

  @AfterAll
  static void enoughWasAtStake() throws IOException {
    if (!possible) {
      return; // It was left out, or has failed, as it was said before.
    }
    for (Fsync fsync : Fsync.values()) {
      long crashes = sum(fsync, round -> 1);
      long stored = sum(fsync, CrashRound::stored);
      Drill.report(
          ("crash drill, seed %d, fsync %s: %d crashes, %d reported, %d of them replaced others,"
                  + " %d in flight, %d past the page cache; %d whole, %d lost, %d damaged")
              .formatted(
                  SEED,
                  fsync,
                  crashes,
                  stored,
                  sum(fsync, CrashRound::replaced),
                  sum(fsync, CrashRound::inFlight),
                  sum(fsync, CrashRound::direct),
                  sum(fsync, CrashRound::whole),
                  sum(fsync, CrashRound::lost),
                  sum(fsync, CrashRound::damaged)));
      assertThat(crashes)
          .as("crashes")
          .isPositive()
          .isEqualTo(crashes().stream().filter(how -> how.fsync() == fsync).count());
      assertThat(stored)
          .as("reported")
          .isGreaterThanOrEqualTo(CrashDrill.LEAST_BEFORE_SYNC * crashes);
      assertThat(sum(fsync, CrashRound::replaced)).as("replaced").isGreaterThan(crashes);
      assertThat(sum(fsync, CrashRound::whole)).as("whole").isGreaterThan(50 * crashes);
    }
    long lost = sum(Fsync.NONE, CrashRound::lost);
    long damaged = sum(Fsync.NONE, CrashRound::damaged);
    assertThat(lost + damaged).as("lost or damaged without a sync").isPositive();
    if (SOAK) { // Few crashes may happen to do only one of the two.
      assertThat(lost).as("lost without a sync").isPositive();
      assertThat(damaged).as("damaged without a sync").isPositive();
    }
    assertThat(sum(Fsync.FULL, CrashRound::lost)).as("lost though synced").isZero();
  }
}

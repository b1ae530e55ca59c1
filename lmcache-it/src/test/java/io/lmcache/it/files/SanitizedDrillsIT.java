// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The drills of the C++ half with a sanitizer, for long. They are built as {@code ctest} has them,
 * which runs them short under every preset; a finding ends the program with another exit code.
 */
@Tag("native")
@Tag("soak")
@Timeout(value = 40, unit = TimeUnit.MINUTES)
final class SanitizedDrillsIT {

  private static final Path MODULE = Path.of("..", "lmcache-l2-fs-native").toAbsolutePath();
  private static final Path SOURCES = MODULE.resolve("src/main/cpp").normalize();
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final Pattern RACES =
      Pattern.compile("(\\d+) rounds, (\\d+) batches, (\\d+) items closed, (\\d+) had an effect");
  private static final Predicate<String> FIGURES =
      Pattern.compile("\\d+ (?:rounds|keys told)").asPredicate();
  private static final int TSAN_SECONDS = Integer.getInteger("lmcache.drill.seconds", 600);

  /** Of each drill. */
  private static final int ASAN_SECONDS = Integer.getInteger("lmcache.drill.seconds", 30);

  private static final int DRILLS = 5;

  /** A full disk is filled once, and kills end when there were many. */
  private static final int ENDING_EARLY = 2;

  private static final long DISK = 64 << 20;

  @TempDir Path dir;

  @Test
  void submitsThatRaceTheCloseUnderThreadSanitizer() throws Exception {
    String said = drill("tsan", "DrillTest.SubmitsRaceTheClose", TSAN_SECONDS);
    Matcher figures = RACES.matcher(said);
    assertThat(figures.find()).as(said).isTrue();
    Drill.report("tsan, %d s: %s".formatted(TSAN_SECONDS, figures.group()));
    assertThat(Long.parseLong(figures.group(1))).as("rounds").isGreaterThanOrEqualTo(TSAN_SECONDS);
    assertThat(milliseconds(said, 1)).isGreaterThanOrEqualTo(TSAN_SECONDS * 1000L);
  }

  @Test
  void allUnderAddressSanitizer() throws Exception {
    String said = drill("asan", "DrillTest.*", ASAN_SECONDS);
    Drill.report(
        "asan, %d drills of up to %d s: %s"
            .formatted(DRILLS, ASAN_SECONDS, said.lines().filter(FIGURES).toList()));
    assertThat(milliseconds(said, DRILLS))
        .isGreaterThanOrEqualTo(1000L * ASAN_SECONDS * (DRILLS - ENDING_EARLY));
  }

  private String drill(String preset, String tests, int seconds) throws Exception {
    Drill.needsDisk(dir, DISK);
    ends(SOURCES, Map.of(), List.of("cmake", "--preset", preset));
    ends(SOURCES, Map.of(), List.of("cmake", "--build", "--preset", preset, "--parallel", "2"));
    Path program = MODULE.resolve("target/native/" + preset + "/tests/lmcache_fs_test").normalize();
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.add("--gtest_filter=" + tests);
    return ends(dir, Map.of("LMCACHE_DRILL_SECONDS", Integer.toString(seconds)), command);
  }

  private static String ends(Path directory, Map<String, String> environment, List<String> command)
      throws Exception {
    Programs.Ended ended = Programs.run(directory, environment, command, LIMIT);
    assertThat(ended.exit()).as("%s: %s%s", command, ended.out(), ended.err()).isZero();
    return ended.out();
  }

  /** How long the drills took, which must be so many, none skipped. */
  private static long milliseconds(String said, int drills) {
    Matcher all =
        Pattern.compile("(\\d+) tests? from 1 test suite ran\\. \\((\\d+) ms total\\)")
            .matcher(said);
    assertThat(all.find()).as(said).isTrue();
    assertThat(Integer.parseInt(all.group(1))).as(said).isEqualTo(drills);
    assertThat(said).contains("[  PASSED  ] " + drills + " test").doesNotContain("SKIPPED");
    return Long.parseLong(all.group(2));
  }
}

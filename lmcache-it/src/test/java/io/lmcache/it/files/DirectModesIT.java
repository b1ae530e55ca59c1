// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Mounted;
import io.lmcache.it.Mounted.FileSystem;
import io.lmcache.it.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both file adapters keep the same rules of direct I/O, on file systems that do and do not. */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class DirectModesIT {

  private static final int PER_MODE = 9 * 4 * 2;

  @TempDir Path dir;

  private static Stream<Arguments> all() {
    return Stream.of(Engine.values())
        .flatMap(
            engine ->
                Stream.of(FileSystem.values())
                    .filter(fileSystem -> fileSystem != FileSystem.READ_ONLY)
                    .map(fileSystem -> Arguments.of(engine, fileSystem)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyObjectGoesTheWayThatTheRulesGiveIt(Engine engine, FileSystem fileSystem)
      throws Exception {
    Mounted mounted = Mounted.in(dir);
    List<String> options = new ArrayList<>(List.of("-Xmx128m", "-XX:MaxDirectMemorySize=256m"));
    String place = mounted.place().toString();
    Programs.Ended ended =
        mounted.run(
            fileSystem, Programs.program(DirectModesProgram.class, options, engine.name(), place));

    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    Map<String, Integer> seen = new HashMap<>();
    ended
        .out()
        .lines()
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              seen.put(line.substring(0, space), Integer.valueOf(line.substring(space + 1)));
            });
    System.out.println("direct modes, " + engine + " on " + fileSystem + ": " + seen);
    if (fileSystem.goesDirect()) {
      assertThat(seen)
          .containsEntry("cases", 3 * PER_MODE)
          .containsOnlyKeys(
              "cases",
              "uncounted",
              "direct",
              "odirect_fallback_length",
              "length refused",
              "address refused");
      assertThat(seen.get("direct")).isGreaterThanOrEqualTo(18);
    } else {
      assertThat(seen)
          .containsEntry("cases", 2 * PER_MODE)
          .containsEntry("refused at open", 1)
          .containsEntry("odirect_fallback_fs", 8 * 4 * 2)
          .containsOnlyKeys("cases", "uncounted", "odirect_fallback_fs", "refused at open");
    }
  }
}

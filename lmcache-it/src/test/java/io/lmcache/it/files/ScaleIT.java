// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractLongAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening a directory of very many files: how long, in what order, at what cost. */
@Tag("native")
@Timeout(value = 900, unit = TimeUnit.SECONDS)
final class ScaleIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");
  private static final int FILES = SOAK ? 1_000_000 : 20_000;
  private static final long MOST_HEAP_PER_KEY = 300;

  /** Of a million files, with warm metadata. */
  private static final long MOST_SCAN_MILLIS = 10_000;

  @TempDir static Path dir;

  private static Path base() {
    return dir.resolve("kv");
  }

  @BeforeAll
  static void makeFiles() throws IOException {
    ScaleFiles.make(base(), FILES);
    try (Stream<Path> files = Files.list(base())) {
      assertThat(files.filter(Files::isRegularFile).count()).isEqualTo(FILES);
    }
  }

  /** What a process that opened the directory saw. */
  private static final class Opened {

    private final String line;
    private final Map<String, Long> figures = new HashMap<>();

    Opened(Engine engine, String how) throws Exception {
      List<String> options =
          List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:SoftRefLRUPolicyMSPerMB=0");
      Programs.Ended ended =
          Programs.run(
              dir,
              Map.of(),
              Programs.program(
                  ScaleProgram.class, options, engine.name(), base().toString(), "" + FILES, how));
      assertThat(ended.exit()).as(ended.err()).isZero();
      line = engine + " " + how + ": " + ended.out().strip();
      for (String word : ended.out().strip().split(" ", -1)) {
        figures.put(word.replaceAll("=.*", ""), Long.valueOf(word.replaceAll(".*=", "")));
      }
      report(line);
      is("recovered", FILES);
      is("stored", FILES);
      is("outOfOrder", 0);
      is("wrong", 0);
      assertThat(OwnersFiles.owners(base())).isEmpty();
    }

    void is(String name, long expected) {
      figure(name).isEqualTo(expected);
    }

    AbstractLongAssert<?> figure(String name) {
      return assertThat(figures.get(name)).as("%s of %s", name, line).isNotNull();
    }
  }

  private static void report(String line) throws IOException {
    Path target = Files.createDirectories(Path.of("target"));
    Files.writeString(
        target.resolve("scale.txt"),
        line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void everyFileIsFoundInOrderForLittleMemory(Engine engine) throws Exception {
    Opened opened = new Opened(engine, "quiet");
    opened.is("met", 0);
    opened.figure("heapPerKey").isBetween(50L, MOST_HEAP_PER_KEY);
    if (SOAK) {
      opened.figure("scanMillis").isLessThanOrEqualTo(MOST_SCAN_MILLIS);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void lookupsAreAnsweredDuringTheScan(Engine engine) throws Exception {
    Opened opened = new Opened(engine, "lookups");
    opened.is("missed", 0);
    opened.figure("met").isLessThan(FILES / 2);
    if (SOAK) {
      opened.figure("duringScan").isGreaterThan(1000);
    }
  }
}

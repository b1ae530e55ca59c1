// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a lookup in an exclusive directory of a million files costs, beside what the kernel takes to
 * say that the same files are there. Rounds of all contenders in turn, so that a busy machine is
 * busy for all of them.
 */
@Tag("native")
@Tag("soak")
@Timeout(value = 900, unit = TimeUnit.SECONDS)
final class LookupSpeedIT {

  private static final int FILES = 1_000_000;
  private static final int KEYS = 10_000;
  private static final int WARM_UP_ROUNDS = 100;
  private static final int ROUNDS = 51;

  @TempDir static Path dir;

  /** A process that does one round for each line it is told. */
  private static final class Contender implements AutoCloseable {

    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;

    Contender(List<String> command) throws IOException {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      in =
          new BufferedWriter(
              new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      assertThat(out.readLine()).isEqualTo("ready");
    }

    /** Nanoseconds a key. */
    double round(String line) throws IOException {
      in.write(line);
      in.newLine();
      in.flush();
      String[] answer = out.readLine().split(" ", -1);
      assertThat(answer[0]).as("keys that were there").isEqualTo("" + KEYS);
      return Double.parseDouble(answer[1]) / KEYS;
    }

    @Override
    public void close() throws IOException {
      in.close();
      process.onExit().orTimeout(1, TimeUnit.MINUTES).join();
      assertThat(process.exitValue()).isZero();
    }
  }

  @BeforeAll
  static void makeFiles() throws Exception {
    ScaleFiles.make(dir.resolve("kv"), FILES);
    List<String> numbers = new ArrayList<>();
    List<String> names = new ArrayList<>();
    new SplittableRandom(1)
        .longs(0, FILES)
        .distinct()
        .limit(KEYS)
        .forEach(
            n -> {
              numbers.add("" + n);
              names.add(ScaleFiles.name(n));
            });
    assertThat(names).hasSize(KEYS);
    Files.write(dir.resolve("numbers"), numbers);
    Files.write(dir.resolve("names"), names);
    try (var source = LookupSpeedIT.class.getResourceAsStream("/fstatat_rounds.cc")) {
      Files.copy(source, dir.resolve("fstatat_rounds.cc"));
    }
    Programs.Ended compiled =
        Programs.run(
            dir, Map.of(), List.of("g++", "-O2", "-o", "fstatat_rounds", "fstatat_rounds.cc"));
    assertThat(compiled.exit()).as(compiled.err()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aLookupIsFasterThanTheKernel(Engine engine) throws Exception {
    String base = dir.resolve("kv").toString();
    String kernel = "fstatat";
    List<String> contenders = List.of(kernel, "256 true", "256 false", "10000 true", "10000 false");
    Map<String, double[]> nanos = new LinkedHashMap<>();
    contenders.forEach(contender -> nanos.put(contender, new double[ROUNDS]));
    try (Contender system =
            new Contender(
                List.of(
                    dir.resolve("fstatat_rounds").toString(),
                    base,
                    dir.resolve("names").toString()));
        Contender adapter =
            new Contender(
                Programs.program(
                    LookupSpeedProgram.class,
                    List.of("-Xmx1g"),
                    engine.name(),
                    base,
                    dir.resolve("numbers").toString()))) {
      for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
        for (String contender : contenders) {
          double took = (contender.equals(kernel) ? system : adapter).round(contender);
          if (round >= 0) {
            timesOf(nanos, contender)[round] = took;
          }
        }
      }
    }
    nanos.values().forEach(Arrays::sort);
    double kernelMedian = timesOf(nanos, kernel)[ROUNDS / 2];
    StringBuilder report =
        new StringBuilder(engine + ", ns a key: min, median, max, times faster\n");
    nanos.forEach(
        (contender, took) ->
            report.append(
                String.format(
                    Locale.ROOT,
                    "%-12s %8.1f %8.1f %8.1f %6.1f%n",
                    contender,
                    took[0],
                    took[ROUNDS / 2],
                    took[ROUNDS - 1],
                    kernelMedian / took[ROUNDS / 2])));
    Files.writeString(
        Files.createDirectories(Path.of("target"))
            .resolve("lookup-speed-" + engine.type() + ".txt"),
        report);
    nanos.forEach(
        (contender, took) -> {
          if (!contender.equals(kernel)) {
            assertThat(took[ROUNDS / 2]).as("%s%s", report, contender).isLessThan(kernelMedian);
          }
        });
  }

  private static double[] timesOf(Map<String, double[]> nanos, String contender) {
    return Objects.requireNonNull(nanos.get(contender), contender);
  }
}

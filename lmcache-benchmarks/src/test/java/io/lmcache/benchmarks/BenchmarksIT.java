// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Every benchmark once, very small: it runs, measures all it should, and leaves nothing behind. */
@EnabledOnOs(OS.LINUX)
@Tag("native")
final class BenchmarksIT {

  private static final int ROUNDS = 2;
  private static final int SMALL = 1 << 20;
  private static final Set<String> DISKS = Set.of("ext4", "xfs", "btrfs");
  private static final Pattern LINE =
      Pattern.compile("(.+?) +(GB/s|x|MiB) +min +([0-9.]+) .* rounds ([0-9]+)");

  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final PrintStream log = new PrintStream(logged, true, StandardCharsets.UTF_8);
  private final Programs programs =
      new Programs(Path.of(System.getProperty("lmcache.benchmarks.root", "..")));
  private Path parent = Path.of("none");

  @BeforeEach
  void makeDirectory() throws Exception {
    // The build's directory, as the usual temporary one may live in memory.
    parent = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "bench it ");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    Files.delete(parent); // fails if there is anything in it
  }

  private static void assertRounds(Figures figures, int count) {
    assertThat(figures.names()).hasSize(count);
    for (String name : figures.names()) {
      assertThat(figures.of(name)).as(name).hasSize(ROUNDS).allMatch(Double::isFinite);
      if (!name.endsWith("jni and framework")) {
        assertThat(figures.of(name)).as(name).allMatch(value -> value > 0);
      }
    }
  }

  @Test
  void priority() throws Exception {
    PriorityBenchmark.Plan plan =
        new PriorityBenchmark.Plan(64 << 10, 8, 40, SMALL, 8, 8, 60, List.of(0, 2));
    Figures figures;
    try (Scratch scratch = Scratch.in(parent, PriorityBenchmark.bytesNeeded(plan))) {
      figures = new PriorityBenchmark(scratch, plan, log).run(ROUNDS);
    }
    // For each depth p50, p99, max and number of both kinds, 4 rates, MB/s, what is cached, and 3
    // ratios.
    assertRounds(figures, 2 * (2 * 4 + 6 + 3));
    assertThat(figures.of("read_io_depth 2 load idle samples")).containsOnly(40.0);
    assertThat(figures.of("read_io_depth 2 load burst samples")).allMatch(count -> count >= 40);
  }

  @Test
  void split() throws Exception {
    SplitBenchmark.Plan plan = new SplitBenchmark.Plan((16 << 20) + 24, 4, 3);
    Figures figures;
    try (Scratch scratch = Scratch.in(parent, SplitBenchmark.bytesNeeded(plan))) {
      figures = new SplitBenchmark(scratch, plan, programs, log).run(ROUNDS);
    }
    // For both checksums 1 and 4 threads, ours, in slices and in pieces; and 3 ratios.
    assertRounds(figures, 2 * (2 * 3 + 3));
  }

  @Test
  void peers() throws Exception {
    List<String> lines = OwnDisk.isPossible(parent) ? peersOnADiskOfItsOwn() : peersHere();
    int fio = FioSide.available() ? 1 : 0;
    // Store and cold load, direct and buffered, and warm loads: of 8 sides beside fio; 4 ratios.
    // For fio twice how much was on huge pages, which may be seen too late in so short a run.
    assertThat(lines).hasSize(5 * (8 + fio + 4 + 4 * fio) + 2 * fio);
    for (String line : lines) {
      Matcher figure = LINE.matcher(line);
      assertThat(figure.matches()).as(line).isTrue();
      double least = Double.parseDouble(figure.group(3));
      assertThat(least).as(line).isNotNegative();
      assertThat(least > 0 || line.contains(" huge pages ")).as(line).isTrue();
      assertThat(figure.group(4)).as(line).isEqualTo("" + ROUNDS);
    }
    assertThat(lines)
        .anyMatch(line -> line.startsWith("direct load cold w2 fs_native-crc32c/batch "))
        .anyMatch(line -> line.startsWith("buffered load warm w2 nio-none "));
  }

  private List<String> peersOnADiskOfItsOwn() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = System.getProperty("java.class.path");
    return OwnDisk.run(
        parent, List.of(java, "-cp", classes, PeersProgram.class.getName(), "" + ROUNDS));
  }

  private List<String> peersHere() throws Exception {
    String type = Files.getFileStore(parent).type();
    String otherwise = "no disk can be mounted, and the build stands on none: " + type;
    Needs.that(DISKS.contains(type), otherwise);
    assertThat(DISKS).as(otherwise).contains(type);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PeersProgram.run(parent, ROUNDS, new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void calls() throws Exception {
    CallsBenchmark.Plan plan = new CallsBenchmark.Plan(List.of(16), 64, 0, 1, 2, 50);
    Figures figures;
    try (Scratch scratch = Scratch.in(parent, CallsBenchmark.bytesNeeded(plan))) {
      figures = new CallsBenchmark(scratch, plan, programs, log).run(ROUNDS);
    }
    // Lookups and loads by both, the difference, and lookups out of the index.
    assertRounds(figures, 2 * 3 + 1);
  }

  @Test
  void figuresAreLines() {
    Figures figures = new Figures();
    for (double value : new double[] {4, 1, 3, 2}) {
      figures.add("a", "GB/s", value);
      figures.add("b", "GB/s", 2);
    }
    figures.addRatio("a / b", "a", "b");
    figures.addDifference("a - b", "a", "b");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    figures.print(new PrintStream(out, true, StandardCharsets.UTF_8));
    List<String> lines =
        out.toString(StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.replaceAll(" +", " "))
            .toList();
    assertThat(lines)
        .containsExactly(
            "a GB/s min 1.000 median 2.500 max 4.000 rounds 4",
            "b GB/s min 2.000 median 2.000 max 2.000 rounds 4",
            "a / b x min 0.500 median 1.250 max 2.000 rounds 4",
            "a - b GB/s min -1.000 median 0.500 max 2.000 rounds 4");
    Sample hundred =
        Sample.of(Stream.iterate(1.0, x -> x + 1).limit(100).mapToDouble(x -> x).toArray());
    assertThat(hundred.quantile(0.99)).isEqualTo(99);
  }

  @Test
  void whatTheUserCanMendIsOneLine() throws Exception {
    List<String> messages = new ArrayList<>();
    for (String[] arguments :
        List.of(
            new String[] {},
            new String[] {"pears"},
            new String[] {"split", "--rounds", "0"},
            new String[] {"split", "--dir"},
            new String[] {"split", "--dir", parent.resolve("none").toString()},
            new String[] {"split", "--size", "1"})) {
      logged.reset();
      assertThat(Main.run(arguments, log, log)).isEqualTo(2);
      messages.add(logged.toString(StandardCharsets.UTF_8));
    }
    assertThat(messages)
        .allMatch(message -> message.startsWith("bench: ") && message.lines().count() == 1)
        .doesNotHaveDuplicates();
  }

  @Test
  void whatIsWrongIsNoFigure() throws Exception {
    Path file = Files.write(parent.resolve("file"), new byte[8192]);
    try (Memory one = Memory.of(2, 8192).random(1);
        Memory other = Memory.of(2, 8192).random(1)) {
      one.mustEqual(other, 2, "same seed");
      other.slot(1).buffer().put(5000, (byte) ~other.slot(1).buffer().get(5000));
      assertThatThrownBy(() -> one.mustEqual(other, 2, "a load"))
          .hasMessage("a load: byte 5000 of buffer 1 is wrong");
      Cache.WARM.bringAbout(List.of(file));
      assertThatThrownBy(() -> Cache.COLD.mustHold(List.of(file))).hasMessageContaining("not cold");
      assertThatThrownBy(() -> Programs.run(List.of("sh", "-c", "echo why; exit 3")))
          .hasMessageContaining("ended with 3: why");
    } finally {
      Files.delete(file);
    }
  }
}

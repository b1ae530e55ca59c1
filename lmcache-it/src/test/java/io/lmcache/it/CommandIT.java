// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged command over {@code fs_native}, as a user runs it. */
@Tag("native")
final class CommandIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KEYS = 12;
  private static final int KIB = 300;

  @TempDir Path dir;

  private Path base() {
    return dir.resolve("kv cache");
  }

  private Programs.Ended bench(String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("bench", "l2", "--l2-adapter"));
    arguments.add("{\"type\":\"fs_native\",\"base_path\":\"" + base() + "\"}");
    arguments.addAll(List.of("--num-keys", "" + KEYS, "--data-size-kb", "" + KIB));
    arguments.addAll(List.of("--warmup-rounds", "0", "--format", "json"));
    arguments.addAll(List.of(more));
    return Programs.lmcacheEnds(dir, arguments.toArray(String[]::new));
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(base())) {
      return files.filter(file -> !file.endsWith(".lmcache")).sorted().toList();
    }
  }

  @Test
  void twoRunsMeetNothingOfEachOtherAndLeaveNothing() throws Exception {
    for (int run = 0; run < 2; run++) {
      Programs.Ended ended = bench("--rounds", "3", "--no-skip-verify");
      assertThat(ended.exit()).as(ended.err()).isZero();
      JsonNode metrics = JSON.readTree(ended.out()).get("metrics");
      for (String operation : List.of("store", "load")) {
        JsonNode figures = metrics.get(operation);
        assertThat(figures.get("keys").asInt()).isEqualTo(3 * KEYS);
        assertThat(figures.get("ok").asInt()).isEqualTo(3 * KEYS);
        assertThat(figures.get("failed").asInt()).isZero();
        assertThat(figures.get("bytes").asLong()).isEqualTo(3L * KEYS * KIB * 1024);
        assertThat(figures.get("bytes_per_second").asDouble()).isPositive();
        assertThat(figures.get("latency_ms").get("samples").asInt()).isEqualTo(3);
        assertThat(figures.get("latency_ms").get("p99").isNull()).isTrue();
      }
      assertThat(metrics.get("load").get("verify").get("bytes_compared").asLong())
          .isEqualTo(3L * KEYS * KIB * 1024);
      assertThat(metrics.get("cleanup").get("deleted").asInt()).isEqualTo(3 * KEYS);
      assertThat(files()).isEmpty();
    }
  }

  @Test
  void injectedFaultsAreAnnouncedOnce() throws Exception {
    Programs.Ended ended =
        Programs.lmcacheEnds(
            dir,
            "bench",
            "l2",
            "--l2-adapter",
            "{\"type\":\"fault_inject\",\"rate\":1,\"seed\":7,\"inner\":{\"type\":\"memory\"}}",
            "--num-keys",
            "4",
            "--data-size-kb",
            "1");
    assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
    assertThat(ended.err().lines().filter(line -> line.contains("FAULTS ARE INJECTED")))
        .singleElement()
        .satisfies(line -> assertThat(line).contains("memory", "rate=1.0", "seed=7"));
    assertThat(ended.out()).doesNotContain("FAULTS");
  }

  /** The object's checksum finds it before the bench's own comparison does. */
  @Test
  void aFlippedByteIsCorruptAndTheFileGone() throws Exception {
    assertThat(bench("--only", "store").exit()).isZero();
    Path victim = files().get(KEYS / 2);
    flip(victim, 123_456);
    Programs.Ended ended = bench("--only", "load", "--no-skip-verify");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.err()).contains("CORRUPT").doesNotContain("at io.lmcache");
    assertThat(victim).doesNotExist();
    assertThat(files()).hasSize(KEYS - 1);
  }

  private static void flip(Path victim, int offset) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(victim.toFile(), "rw")) {
      file.seek(offset);
      int old = file.read();
      file.seek(offset);
      file.write(old ^ 0x10);
    }
  }

  /** In a file of upstream, without an attribute, only the bench's own comparison finds it. */
  @Test
  void aFlippedByteIsFoundWithKeyAndOffset() throws Exception {
    assertThat(bench("--only", "store").exit()).isZero();
    assertThat(files()).hasSize(KEYS);
    Programs.Ended clean = bench("--only", "load", "--no-skip-verify");
    assertThat(clean.exit()).as(clean.err()).isZero();

    Path victim = files().get(KEYS / 2);
    int offset = 123_456;
    flip(victim, offset);
    Files.getFileAttributeView(victim, UserDefinedFileAttributeView.class).delete("lmcache");
    Programs.Ended ended = bench("--only", "load", "--no-skip-verify");
    assertThat(ended.exit()).isEqualTo(1);
    String hash = victim.getFileName().toString().split("@", -1)[3].replace(".data", "");
    assertThat(ended.err()).contains(hash, "offset " + offset);
    assertThat(ended.err().lines().count()).isEqualTo(1);
    assertThat(
            JSON.readTree(ended.out()).get("metrics").get("load").get("verify").get("mismatches"))
        .hasToString("1");
    assertThat(files()).hasSize(KEYS);
  }

  @Test
  void aTruncatedOrMissingFileFailsTheRun() throws Exception {
    assertThat(bench("--only", "store").exit()).isZero();
    try (RandomAccessFile file = new RandomAccessFile(files().get(0).toFile(), "rw")) {
      file.setLength(1000);
    }
    Files.delete(files().get(1));
    Programs.Ended ended = bench("--only", "load");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.err()).contains("CORRUPT", "NOT_FOUND").doesNotContain("at io.lmcache");
  }

  static Stream<Arguments> badSpecs() {
    return Stream.of(
        Arguments.of("{\"type\":\"fs_natve\"}", List.of("fs_natve", "did you mean \"fs_native\"")),
        Arguments.of("{\"type\":\"fs_native\"}", List.of("base_path")),
        Arguments.of(
            "{\"type\":\"fs_native\",\"base_path\":\"/x\",\"num_workers\":0,\"use_direct\":true}",
            List.of("num_workers must be > 0, got 0", "use_direct")),
        Arguments.of("[]", List.of("must be a JSON object")),
        Arguments.of("nonsense", List.of("JSON")),
        Arguments.of(
            "{\"type\":\"fs_native\",\"base_path\":\"/x\",\"persist_enabled\":false,\"shared\":true}",
            List.of("persist_enabled")),
        Arguments.of(
            "{\"type\":\"fs_native\",\"base_path\":\"/x\",\"relative_tmp_dir\":\"a/../..\"}",
            List.of("relative_tmp_dir")));
  }

  @ParameterizedTest
  @MethodSource("badSpecs")
  void aBadSpecIsAUsageErrorOfOneLineForEachProblem(String spec, List<String> facts)
      throws Exception {
    Programs.Ended ended = Programs.lmcacheEnds(dir, "bench", "l2", "--l2-adapter", spec);
    assertThat(ended.exit()).as(ended.err()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    List<String> problems =
        ended.err().lines().filter(line -> line.contains("--l2-adapter #1")).toList();
    boolean two = spec.contains("use_direct");
    assertThat(problems).hasSize(two ? 2 : 1);
    assertThat(ended.err()).doesNotContain("Exception").doesNotContain("\tat ");
    for (String fact : facts) {
      assertThat(ended.err()).contains(fact);
    }
    assertThat(Path.of("/x")).doesNotExist();
  }

  @Test
  void aBasePathThatIsAFileIsAFailureOfOneLine() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "x");
    Programs.Ended ended =
        Programs.lmcacheEnds(
            dir,
            "bench",
            "l2",
            "--l2-adapter",
            "{\"type\":\"fs_native\",\"base_path\":\"" + file + "\"}");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.err().lines()).hasSize(1);
    assertThat(ended.err()).contains("base_path " + file + " is not a directory");
    assertThat(file).hasContent("x");
  }
}

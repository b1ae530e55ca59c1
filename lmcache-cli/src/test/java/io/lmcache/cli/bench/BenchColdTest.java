// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --cold}: what it does on a disk, and what it says where it cannot. */
@EnabledOnOs(OS.LINUX)
final class BenchColdTest {

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "overlay");

  private final Bench bench = new Bench();
  private Path directory = Path.of("none");

  @BeforeEach
  void makeDirectory() throws IOException {
    // The usual temporary directory may live in memory.
    directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "bench cold ");
  }

  @AfterEach
  void removeDirectory() throws IOException {
    remove(directory);
  }

  private static void remove(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void needsDisk() throws IOException {
    String type = Files.getFileStore(directory).type();
    Needs.that(!IN_MEMORY.contains(type), "the build stands in memory: " + type);
  }

  private static Cli.Result files(Path base, String format, String more, String... flags) {
    String adapter = "{\"type\": \"fs_java\", \"base_path\": \"" + base + "\"" + more + "}";
    List<String> args = new ArrayList<>(List.of("bench", "l2", "--cold", "--l2-adapter", adapter));
    args.addAll(List.of("--num-keys", "6", "--data-size-kb", "10", "--rounds", "3"));
    args.addAll(List.of("--in-flight", "2", "--no-skip-verify", "--format", format));
    args.addAll(List.of(flags));
    return new Cli().run(args.toArray(String[]::new));
  }

  private static JsonNode metrics(Cli.Result result) {
    return Bench.json(result.out()).get("metrics");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void coldAndWarmAreReportedApart(int levels) throws IOException {
    needsDisk();
    Cli.Result result = files(directory, "json", ", \"hash_subdir_levels\": " + levels);

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    JsonNode metrics = metrics(result);
    assertThat(metrics.has("load")).isFalse();
    for (String phase : List.of("cold_load", "warm_load")) {
      JsonNode load = metrics.get(phase);
      assertThat(load.get("ok").asInt()).as(phase).isEqualTo(36);
      assertThat(load.get("rounds")).hasSize(3);
      assertThat(load.get("latency_ms").get("samples").asInt()).isEqualTo(6);
      assertThat(load.get("verify").get("bytes_compared").asInt()).isEqualTo(48 * 10240);
      assertThat(load.get("pages").get("files").asInt()).isEqualTo(48);
      assertThat(load.get("pages").get("files_gone").asInt()).isZero();
      assertThat(load.get("pages").get("bytes").asInt()).isEqualTo(48 * 10240);
    }
    assertThat(metrics.get("cold_load").get("pages").get("resident_bytes").asInt()).isZero();
    assertThat(metrics.get("cold_load").get("cache_state").asText())
        .startsWith("cold: ")
        .contains("480 KiB in 48 files, 0 B of pages resident (mincore)");
    assertThat(metrics.get("warm_load").get("pages").get("resident_bytes").asInt())
        .isEqualTo(48 * 12288);
    assertThat(metrics.get("warm_load").get("cache_state").asText()).startsWith("warm: ");
    assertThat(metrics.get("cleanup").get("deleted").asInt()).isEqualTo(48);
  }

  @Test
  void whatGoesPastThePageCacheIsNotCalledWarm() {
    Residency.Found found = new Residency.Found(2, 1, 8192, 0, 0);
    assertThat(CacheStates.again(found))
        .isEqualTo(
            "not cached though loaded before: 8 KiB in 2 files, 0 B of pages resident (mincore), 1 file"
                + " gone");
  }

  /** Two of the second file's three pages, as many bytes as both files have. */
  @Test
  void whatMissesAPageIsNotCalledWarm() {
    Residency.Found found = new Residency.Found(2, 0, 13312, 16384, 11264);
    assertThat(CacheStates.again(found))
        .isEqualTo(
            "partly cached (11 KiB of 13 KiB) though loaded before: 13 KiB in 2 files, 16 KiB of"
                + " pages resident (mincore)");
  }

  @Test
  void aFileThatIsGoneIsCountedAndNoFailure() throws IOException {
    Path file = Files.write(directory.resolve("here"), new byte[4096]);
    Residency residency = new Residency();
    residency.drop(List.of(directory.resolve("gone"), file));

    assertThat(residency.found().files()).isEqualTo(1);
    assertThat(residency.found().gone()).isEqualTo(1);
    assertThat(residency.found().bytes()).isEqualTo(4096);
    residency.drop(List.of(file.resolve("below"), file.resolve("beside")));
    assertThat(residency.problem())
        .hasValueSatisfying(
            problem -> assertThat(problem).contains("ENOTDIR", "and 1 more failure"));
  }

  @Test
  void theTableHasBothToo() throws IOException {
    needsDisk();
    List<String> lines = files(directory, "terminal", "").out().lines().toList();

    assertThat(lines).anyMatch(line -> line.startsWith("cold load ") && line.endsWith(" 6"));
    assertThat(lines).anyMatch(line -> line.startsWith("warm load ") && line.endsWith(" 6"));
    assertThat(lines).anyMatch(line -> line.startsWith("cold load: cold: dropped before each"));
    assertThat(lines)
        .anyMatch(
            line -> line.startsWith("warm load: warm: loaded before: 480 KiB in 48 files, 576"));
    assertThat(lines).contains("verify: 960 KiB compared, 0 objects different");
  }

  @Test
  void loadsWhatAnotherRunStored() throws IOException {
    needsDisk();
    // Something of somebody else's, which is neither counted nor dropped.
    Path other = Files.writeString(directory.resolve("a@0x00000000@0@" + "0".repeat(64)), "x");
    String adapter = "{\"type\": \"fs_java\", \"base_path\": \"" + directory + "\"}";
    String[] store = {"bench", "l2", "--l2-adapter", adapter, "--num-keys", "6", "--in-flight"};
    List<String> args = new ArrayList<>(List.of(store));
    args.addAll(List.of("2", "--data-size-kb", "10", "--rounds", "3", "--only", "store"));
    assertThat(new Cli().run(args.toArray(String[]::new)).code()).isZero();
    Cli.Result result = files(directory, "json", "", "--only", "load");

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode pages = metrics(result).get("cold_load").get("pages");
    assertThat(pages.get("files").asInt()).isEqualTo(48);
    assertThat(pages.get("resident_bytes").asInt()).isZero();
    assertThat(other).hasContent("x");
  }

  @Test
  void aFileSystemInMemoryIsNotCold() throws IOException {
    Needs.that(Files.isDirectory(MEMORY), "no " + MEMORY);
    Path inMemory = Files.createTempDirectory(MEMORY, "bench cold ");
    try {
      Cli.Result result = files(inMemory, "json", "");

      assertThat(result.code()).isEqualTo(1);
      assertThat(result.errLines()).hasSize(1);
      assertThat(result.err())
          .startsWith("lmcache: --cold cannot be done: ")
          .contains("480 KiB in 48 files, 576 KiB of pages resident", "on tmpfs");
      JsonNode metrics = metrics(result);
      assertThat(metrics.has("cold_load")).isFalse();
      assertThat(metrics.has("warm_load")).isFalse();
      assertThat(metrics.get("load").get("ok").asInt()).isEqualTo(36);
      assertThat(metrics.get("load").get("cache_state").asText()).startsWith("unknown: after ");
      assertThat(metrics.get("failures")).isEmpty();
      assertThat(files(inMemory, "terminal", "").out())
          .contains("\nload (cache state unknown: after fdatasync and POSIX_FADV_DONTNEED: ");
    } finally {
      remove(inMemory);
    }
  }

  @Test
  void anAdapterWithoutFilesIsNotCold() {
    Bench.Done done = bench.run("--cold");

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err())
        .singleElement()
        .satisfies(line -> assertThat(line).contains("--cold", "names no directory of files"));
    assertThat(done.metrics().get("load").get("ok").asInt()).isEqualTo(4);
    assertThat(done.metrics().get("load").get("cache_state").asText()).startsWith("unknown: ");
    assertThat(bench.place.loads).hasSize(8);
  }

  @Test
  void aDirectoryWithoutTheFilesIsNotCold() throws IOException {
    Files.writeString(directory.resolve("something.data"), "else");
    bench.directory = directory;
    Bench.Done done = bench.run("--cold");

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err())
        .singleElement()
        .satisfies(
            line -> assertThat(line).contains("of 8 objects there, 0 files", "" + directory));
    assertThat(done.metrics().has("cold_load")).isFalse();
  }

  @Test
  void coldIsAboutLoads() {
    for (String only : List.of("store", "lookup")) {
      Bench.Done done = bench.run("--cold", "--only", only);
      assertThat(done.code()).isEqualTo(2);
      assertThat(done.err().get(0)).contains("--cold").contains("--only load");
    }
    assertThat(bench.place.calls).isEmpty();
  }

  @Test
  void countsBlocksOfAllRounds() {
    BenchPlan plan =
        new BenchPlan(
            3, 2, 4097, 10, 5, 0, false, Optional.empty(), false, OptionalInt.empty(), false, 0);
    assertThat(plan.storedBytes()).isEqualTo(3L * 2 * 15 * 8192);
    BenchPlan endless =
        new BenchPlan(
            1 << 12,
            1 << 12,
            1 << 30,
            1 << 20,
            0,
            0,
            false,
            Optional.empty(),
            false,
            OptionalInt.empty(),
            false,
            0);
    assertThat(endless.storedBytes()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void tellsWhatTheAdapterTellsOfDirectIo() {
    bench.directory = directory;
    bench.odirect = "requested=true effective=true";
    Bench.Done done = bench.run("--rounds", "2");
    JsonNode metrics = done.metrics();

    assertThat(done.code()).as("%s", done.err()).isZero();
    JsonNode store = metrics.get("store").get("odirect");
    assertThat(store.get("setting").asText()).isEqualTo("requested=true effective=true");
    assertThat(store.get("counters").get("direct_stores").asInt()).isEqualTo(12);
    assertThat(store.get("counters").get("direct_loads").asInt()).isZero();
    assertThat(store.get("counters").get("odirect_fallback_length").asInt()).isZero();
    assertThat(store.get("counters").has("odirect_fallback_note")).isFalse();
    JsonNode load = metrics.get("load");
    assertThat(load.get("odirect").get("counters").get("direct_loads").asInt()).isEqualTo(12);
    assertThat(load.get("odirect").get("counters").get("direct_stores").asInt()).isZero();
    assertThat(load.get("cache_state").asText()).startsWith("past the page cache");
    assertThat(metrics.get("lookup").has("odirect")).isFalse();
    DirectUse use = new DirectUse(Optional.of("x"), Map.of("direct_loads", 3L, "none", 0L));
    assertThat(use.line()).isEqualTo("odirect: x, direct_loads 3");
  }

  /** Or a benchmark would measure the page cache by accident. */
  @Test
  void whatFallsBackIsNotCalledDirectAndNotGood() {
    bench.directory = directory;
    bench.odirect = "requested=true effective=true";
    Bench.Done done = bench.run(TestFault.FALLS_BACK, -1, "--rounds", "2");

    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err())
        .containsExactly(
            "lmcache: store: 3 of 15 objects went through the page cache though direct I/O was"
                + " asked for (odirect: requested=true effective=true, direct_stores 12,"
                + " odirect_fallback_length 3); lmcache doctor --object-bytes says what would"
                + " make them direct",
            "lmcache: load: 3 of 15 objects went through the page cache though direct I/O was"
                + " asked for (odirect: requested=true effective=true, direct_loads 12,"
                + " odirect_fallback_length 3); lmcache doctor --object-bytes says what would"
                + " make them direct");
    assertThat(done.metrics().get("store").get("cache_state").asText())
        .isEqualTo(
            "3 of 15 objects not direct, and of those not synced: data may still be in the page"
                + " cache");
    assertThat(done.metrics().get("load").get("cache_state").asText())
        .startsWith("3 of 15 objects not direct, and of those warm: ");
  }

  @Test
  void onlyWhatWasAskedForIsMissed() {
    Map<String, Long> none = Map.of("direct_loads", 0L, "odirect_fallback_fs", 4L);

    assertThat(new DirectUse(Optional.of("requested=true effective=false"), none).missed())
        .isTrue();
    assertThat(new DirectUse(Optional.of("requested=false"), none).missed()).isFalse();
    assertThat(new DirectUse(Optional.empty(), none).missed()).isFalse();
    assertThat(
            new DirectUse(Optional.of("requested=true effective=true"), Map.of("direct_loads", 4L))
                .missed())
        .isFalse();
  }
}

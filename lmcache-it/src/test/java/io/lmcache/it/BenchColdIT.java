// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The packaged {@code bench l2 --cold} of {@code fs_java}, on a disk and where there is none. */
@EnabledOnOs(OS.LINUX)
class BenchColdIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Set<String> ON_DISK = Set.of("ext4", "xfs", "btrfs");
  private static final int KEYS = 8;
  private static final int ROUNDS = 2;

  private final List<Path> made = new ArrayList<>();
  private Path disk = Path.of("none");

  @BeforeEach
  void makeDirectory() throws Exception {
    // The build's directory, as the usual temporary one may live in memory.
    disk = directory(Path.of("target").toAbsolutePath());
  }

  String type() {
    return "fs_java";
  }

  private Path directory(Path parent) throws Exception {
    Path one = Files.createTempDirectory(parent, "kv cache ");
    made.add(one);
    return one;
  }

  @AfterEach
  void removeDirectories() throws Exception {
    for (Path tree : made) {
      try (Stream<Path> all = Files.walk(tree)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private void needsDisk() throws Exception {
    String type = Files.getFileStore(disk).type();
    Needs.that(ON_DISK.contains(type), "the build stands on no disk with direct I/O: " + type);
  }

  private Programs.Ended cold(Path base, int kib, String more) throws Exception {
    return Programs.lmcacheEnds(
        disk,
        "bench",
        "l2",
        "--cold",
        "--l2-adapter",
        "{\"type\":\"" + type() + "\",\"base_path\":\"" + base + "/l2\"" + more + "}",
        "--num-keys",
        "" + KEYS,
        "--rounds",
        "" + ROUNDS,
        "--data-size-kb",
        "" + kib,
        "--no-skip-verify",
        "--format",
        "json");
  }

  private static JsonNode metrics(Programs.Ended ended) throws Exception {
    return JSON.readTree(ended.out()).get("metrics");
  }

  @Test
  void coldIsProvedAndWarmIsToldApart() throws Exception {
    needsDisk();
    Programs.Ended ended = cold(disk, 2048, "");
    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.err()).isEmpty();

    JsonNode metrics = metrics(ended);
    long bytes = (ROUNDS + 1) * KEYS * (2048L << 10); // the warm-up round, too
    for (String phase : List.of("cold_load", "warm_load")) {
      JsonNode load = metrics.get(phase);
      assertThat(load.get("ok").asInt()).isEqualTo(ROUNDS * KEYS);
      assertThat(load.get("verify").get("bytes_compared").asLong()).isEqualTo(bytes);
      assertThat(load.get("pages").get("files").asInt()).isEqualTo((ROUNDS + 1) * KEYS);
      assertThat(load.get("pages").get("bytes").asLong()).isEqualTo(bytes);
    }
    assertThat(metrics.get("cold_load").get("pages").get("resident_bytes").asLong()).isZero();
    assertThat(metrics.get("warm_load").get("pages").get("resident_bytes").asLong())
        .isEqualTo(bytes);
    assertThat(metrics.has("load")).isFalse();
    assertThat(metrics.get("memory").get("bytes").asLong()).isEqualTo(2L * KEYS * (2048 << 10));
    assertThat(metrics.get("memory").get("kind").asText()).containsAnyOf("huge pages", "KiB pages");
  }

  /** The bench pads its buffers, and so a length that is no multiple of the disk's unit is fine. */
  @Test
  void smallObjectsGoPastThePageCache() throws Exception {
    needsDisk();
    Programs.Ended ended = cold(disk, 3, ",\"use_odirect\":\"require\"");
    assertThat(ended.exit()).as(ended.err()).isZero();

    JsonNode metrics = metrics(ended);
    assertThat(metrics.get("warm_load").get("pages").get("resident_bytes").asLong()).isZero();
    for (String phase : List.of("store", "cold_load", "warm_load")) {
      JsonNode odirect = metrics.get(phase).get("odirect");
      assertThat(odirect.get("setting").asText()).startsWith("requested=require effective=true");
      assertThat(odirect.get("counters").get("odirect_fallback_length").asInt()).isZero();
      assertThat(odirect.get("counters").size()).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void whatLivesInMemoryIsNeverCold() throws Exception {
    Needs.that(Files.isDirectory(MEMORY), "no " + MEMORY);
    Programs.Ended ended = cold(directory(MEMORY), 64, "");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.err().lines()).hasSize(1);
    assertThat(ended.err())
        .startsWith("lmcache: --cold cannot be done: ")
        .contains("1.5 MiB in 24 files, 1.5 MiB of pages resident (mincore)", "on tmpfs");

    JsonNode metrics = metrics(ended);
    assertThat(metrics.has("cold_load")).isFalse();
    assertThat(metrics.get("load").get("ok").asInt()).isEqualTo(ROUNDS * KEYS);
    assertThat(metrics.get("load").get("cache_state").asText()).startsWith("unknown: ");
    assertThat(metrics.get("store").get("ok").asInt()).isEqualTo(ROUNDS * KEYS);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.it.Mounted.FileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged {@code lmcache doctor} over {@code fs_native}, on real file systems. */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class DoctorMountsIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A multiple of 512 and 1024, and of nothing above. */
  private static final int KIB = 301;

  @TempDir Path dir;
  private Mounted mounted;

  @BeforeEach
  void place() throws Exception {
    mounted = Mounted.in(dir);
  }

  private String adapter(String type, String more) {
    Path base = mounted.place().resolve("kv cache/l2");
    return "{\"type\":\"" + type + "\",\"base_path\":\"" + base + "\"" + more + "}";
  }

  /** Examines adapters where a new file system is mounted, which must be as empty afterwards. */
  private JsonNode doctor(FileSystem fileSystem, int exit, List<String> adapters, String... more)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of("doctor", "--format", "json"));
    adapters.forEach(json -> arguments.addAll(List.of("--l2-adapter", json)));
    arguments.addAll(List.of(more));
    Programs.Ended ended =
        mounted.run(fileSystem, Programs.lmcache(arguments.toArray(String[]::new)));
    assertThat(ended.exit()).as(ended.out() + ended.err()).isEqualTo(exit);
    assertThat(mounted.left()).isEmpty();
    assertThat(ended.err()).doesNotContain("\tat ");
    return JSON.readTree(ended.out());
  }

  private static Map<String, String> settings(JsonNode adapter) {
    Map<String, String> settings = new TreeMap<>();
    for (JsonNode setting : adapter.get("settings")) {
      settings.put(
          setting.get("name").asText(),
          setting.get("requested").asText()
              + (setting.get("effective").isNull() ? "" : " " + setting.get("effective"))
              + (setting.get("reason").isNull() ? "" : ": " + setting.get("reason").asText()));
    }
    return settings;
  }

  @ParameterizedTest
  @CsvSource({"EXT4_512,512", "EXT4_4096,4096"})
  void onADiskEverythingIsEffective(FileSystem fileSystem, int sector) throws Exception {
    JsonNode report =
        doctor(
            fileSystem,
            0,
            List.of(
                adapter("fs_native", ",\"use_odirect\":\"require\",\"fsync\":\"full\""),
                adapter("fs_java", ",\"use_odirect\":true,\"persist_enabled\":false")));

    JsonNode adapter = report.get("adapters").get(0);
    assertThat(adapter.get("limits").get("memory_alignment").asInt()).isBetween(1, sector);
    assertThat(adapter.get("limits").get("length_alignment").asInt()).isEqualTo(sector);
    assertThat(settings(adapter))
        .isEqualTo(
            Map.of(
                "odirect", "require true",
                "checksum", "crc32c true",
                "fsync", "full true",
                "exclusive", "true true"));
    JsonNode details = adapter.get("details");
    assertThat(details.get("file_system").asText()).isEqualTo("ext4");
    assertThat(details.get("direct_alignment").asText())
        .matches("memory=\\d+ length=" + sector + " block_size=4096");
    assertThat(details.get("attributes").asText()).isEqualTo("yes");
    assertThat(details.get("locks").asText()).isEqualTo("yes");
    assertThat(Path.of(details.get("library").asText())).isRegularFile();
    assertThat(details.get("base_path_exists").asText())
        .isEqualTo("no, it would be made in " + mounted.place());
    assertThat(settings(report.get("adapters").get(1)))
        .containsEntry("odirect", "true true")
        .containsEntry("persist_enabled", "false true");
    assertThat(report.get("problems")).isEmpty();
  }

  /** What is said of an object is true of objects that are then stored from such memory. */
  @ParameterizedTest
  @CsvSource({
    "EXT4_512,512,true,direct,0",
    "EXT4_512,256,true,refused,512",
    "EXT4_4096,512,true,buffered,4096",
    "EXT4_4096,512,require,refused,4096",
    "EXT4_4096,4096,require,direct,0"
  })
  void theVerdictOnAnObjectAndTheAdviceAreTrue(
      FileSystem fileSystem, int alignment, String mode, String path, int advice) throws Exception {
    String requested = mode.equals("true") ? mode : "\"" + mode + "\"";
    String json = adapter("fs_native", ",\"use_odirect\":" + requested);
    JsonNode size =
        doctor(
                fileSystem,
                path.equals("direct") ? 0 : 1,
                List.of(json),
                "--object-bytes",
                "" + (KIB << 10),
                "--l1-align-bytes",
                "" + alignment)
            .get("adapters")
            .get(0)
            .get("object_sizes")
            .get(0);

    assertThat(size.get("path").asText()).isEqualTo(path);
    assertStoredAs(path, fileSystem, json, alignment);
    if (advice != 0) {
      assertThat(size.get("direct_with_l1_align_bytes").asInt()).isEqualTo(advice);
      assertStoredAs("direct", fileSystem, json, advice);
    }
  }

  private void assertStoredAs(String path, FileSystem fileSystem, String adapter, int alignment)
      throws Exception {
    Programs.Ended ended =
        mounted.run(
            fileSystem,
            Programs.lmcache(
                "bench",
                "l2",
                "--l2-adapter",
                adapter,
                "--l1-align-bytes",
                "" + alignment,
                "--data-size-kb",
                "" + KIB,
                "--num-keys",
                "8",
                "--warmup-rounds",
                "0",
                "--no-skip-verify",
                "--format",
                "json"));
    assertThat(ended.exit()).as(ended.err()).isEqualTo(path.equals("direct") ? 0 : 1);
    JsonNode metrics = JSON.readTree(ended.out()).get("metrics");
    JsonNode stored = metrics.get("store").get("odirect").get("counters");
    JsonNode loaded = metrics.get("load").get("odirect").get("counters");
    int direct = path.equals("direct") ? 8 : 0;
    int buffered = path.equals("buffered") ? 8 : 0;
    assertThat(metrics.get("load").get("cache_state").asText())
        .startsWith(path.equals("direct") ? "past the page cache" : "warm: ");
    assertThat(metrics.get("store").get("ok").asInt()).isEqualTo(direct + buffered);
    assertThat(stored.get("direct_stores").asInt()).isEqualTo(direct);
    assertThat(stored.get("odirect_fallback_length").asInt()).isEqualTo(buffered);
    assertThat(loaded.get("direct_loads").asInt()).isEqualTo(direct);
    assertThat(loaded.get("odirect_fallback_length").asInt()).isEqualTo(buffered);
  }

  @ParameterizedTest
  @CsvSource({"TMPFS,tmpfs,cached", "RAMFS,ramfs,EINVAL"})
  void inMemoryTheReasonsAreTold(FileSystem fileSystem, String type, String reason)
      throws Exception {
    String wishes = ",\"use_odirect\":true,\"fsync\":\"data\"";
    JsonNode report =
        doctor(
            fileSystem,
            1,
            List.of(
                adapter("fs_native", wishes),
                adapter("fs_native", ",\"use_odirect\":\"require\""),
                adapter("fs_native", ""),
                adapter("fs_java", ",\"use_odirect\":\"require\"")),
            "--object-bytes",
            "4096");

    assertThat(settings(report.get("adapters").get(0)))
        .containsEntry("odirect", "true false: " + reason + " on " + type)
        .containsEntry("fsync", "data false: " + type + " is in memory");
    JsonNode size = report.get("adapters").get(0).get("object_sizes").get(0);
    assertThat(size.get("path").asText()).isEqualTo("buffered");
    assertThat(size.get("reason").asText())
        .isEqualTo("odirect is not effective: " + reason + " on " + type);
    JsonNode required = report.get("adapters").get(1);
    assertThat(settings(required))
        .containsEntry(
            "odirect", "require false: " + reason + " on " + type + "; it does not open");
    assertThat(required.get("details").get("file_system").asText()).isEqualTo(type);
    assertThat(required.get("object_sizes").get(0).get("path").asText()).isEqualTo("refused");
    assertThat(settings(report.get("adapters").get(2)).get("odirect")).isEqualTo("false");
    assertThat(settings(report.get("adapters").get(3)).get("odirect"))
        .startsWith("require false: ")
        .endsWith("; it does not open");
  }

  @Test
  void withoutAttributesChecksumsAndRemovalAreProblems() throws Exception {
    List<String> forgetful = List.of(adapter("fs_native", ",\"persist_enabled\":false"));
    JsonNode report = doctor(FileSystem.RAMFS, 1, forgetful);

    assertThat(report.get("problems").findValuesAsText("subject"))
        .containsExactly("persist_enabled", "checksum");
    assertThat(report.get("problems").findValuesAsText("reason"))
        .containsExactly(
            "requested false, not effective: without extended attributes nothing tells which files"
                + " are ours",
            "requested crc32c, not effective: no extended attributes on ramfs");
    JsonNode plain =
        doctor(FileSystem.RAMFS, 0, List.of(adapter("fs_native", ",\"checksum\":\"none\"")));
    assertThat(plain.get("adapters").get(0).get("details").get("attributes").asText())
        .startsWith("no: ");
  }

  @Test
  void whereNothingCanBeWrittenItIsOneLine() throws Exception {
    List<String> both = List.of(adapter("fs_native", ""), adapter("fs_java", ""));
    JsonNode problems = doctor(FileSystem.READ_ONLY, 1, both).get("problems");

    assertThat(problems.findValuesAsText("subject")).containsExactly("open", "open");
    assertThat(problems.findValuesAsText("reason"))
        .containsOnly(
            "cannot create base_path "
                + mounted.place().resolve("kv cache/l2")
                + ": cannot write to "
                + mounted.place()
                + ": Read-only file system");
  }

  private Programs.Ended bench(FileSystem fileSystem, int kib) throws Exception {
    return mounted.run(
        fileSystem,
        Programs.lmcache(
            "bench",
            "l2",
            "--l2-adapter",
            adapter("fs_java", ""),
            "--num-keys",
            "4",
            "--data-size-kb",
            "" + kib));
  }

  @Test
  void aRunThatWouldFillTheDiskDoesNotBegin() throws Exception {
    Programs.Ended ended = bench(FileSystem.TMPFS, 32 << 10);

    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines())
        .last()
        .asString()
        .contains("needs", mounted.place().toString(), "64.0 MiB free", "--num-keys");
    assertThat(mounted.left()).noneMatch(file -> file.endsWith(".data"));
  }

  @Test
  void aFileSystemThatDoesNotSayHowLargeItIsIsNotFull() throws Exception {
    Programs.Ended ended = bench(FileSystem.RAMFS, 1);

    assertThat(ended.exit()).as(ended.err()).isZero();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged {@code lmcache doctor} over the file adapters, as a user runs it. */
final class DoctorIT {

  @TempDir Path dir;

  private static String adapter(String type, Path base, String more) {
    return "{\"type\":\"" + type + "\",\"base_path\":\"" + base + "\"" + more + "}";
  }

  private Programs.Ended doctor(List<String> adapters, String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("doctor"));
    adapters.forEach(json -> arguments.addAll(List.of("--l2-adapter", json)));
    arguments.addAll(List.of(more));
    return Programs.lmcacheEnds(dir, arguments.toArray(String[]::new));
  }

  private static JsonNode json(Programs.Ended ended) throws Exception {
    return new ObjectMapper().readTree(ended.out());
  }

  @Test
  void withoutAdaptersItShowsWhatThereIs() throws Exception {
    Programs.Ended ended = doctor(List.of(), "--format", "json");

    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(json(ended).get("jdk").get("java_home").asText())
        .isEqualTo(System.getProperty("java.home"));
    assertThat(json(ended).get("providers").findValuesAsText("type"))
        .contains("fs_java", "fs_native", "memory", "fault_inject");
    assertThat(json(ended).get("broken")).isEmpty();
  }

  @Test
  void aPlainAdapterIsFineAndNothingIsMade() throws Exception {
    Path base = dir.resolve("kv cache");
    for (int run = 0; run < 2; run++) {
      Programs.Ended ended = doctor(List.of(adapter("fs_java", base, "")), "--format", "json");

      assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
      assertThat(ended.err()).isEmpty();
      JsonNode adapter = json(ended).get("adapters").get(0);
      assertThat(adapter.get("opened").asBoolean()).isTrue();
      assertThat(adapter.get("health").asText()).isEqualTo("ok");
      assertThat(adapter.get("details").get("base_path").asText()).isEqualTo(base.toString());
      assertThat(json(ended).get("problems")).isEmpty();
      assertThat(base).doesNotExist();
    }
  }

  @Test
  @Tag("native")
  void theNativeAdapterIsOpenedToo() throws Exception {
    Path base = dir.resolve("kv cache");
    Programs.Ended ended = doctor(List.of(adapter("fs_native", base, "")), "--format", "json");

    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    JsonNode adapter = json(ended).get("adapters").get(0);
    assertThat(adapter.get("opened").asBoolean()).isTrue();
    assertThat(adapter.get("details").get("base_path").asText()).isEqualTo(base.toString());
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void aDirectoryInUseIsOneLineAndDoesNotHideTheOther() throws Exception {
    String taken = adapter("fs_java", dir.resolve("taken"), "");
    AdapterRegistry registry = AdapterRegistry.discover();
    try (OpenAdapter open =
        registry.open(registry.parse("test", taken), AdapterEnvironment.of("test"))) {
      assertThat(open.adapter().loans()).isZero();
      Programs.Ended ended =
          doctor(List.of(taken, adapter("fs_java", dir.resolve("free"), "")), "--format", "json");

      assertThat(ended.exit()).isEqualTo(1);
      JsonNode problems = json(ended).get("problems");
      assertThat(problems).hasSize(1);
      assertThat(problems.get(0).get("adapter").asText()).isEqualTo("--l2-adapter #1 (fs_java)");
      assertThat(problems.get(0).get("subject").asText()).isEqualTo("exclusive");
      assertThat(problems.get(0).get("reason").asText())
          .contains("in use", "" + ProcessHandle.current().pid());
      assertThat(json(ended).get("adapters").findValuesAsText("opened"))
          .containsExactly("true", "true");
      assertThat(ended.err()).doesNotContain("\tat ");
    }
    assertThat(doctor(List.of(taken)).exit()).isZero();
  }

  @Test
  void directIoInMemoryIsNotEffective() throws Exception {
    Path memory = Path.of("/dev/shm");
    boolean isMemory =
        Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs");
    Needs.that(isMemory, "no tmpfs at " + memory);
    Path base = Files.createTempDirectory(memory, "lmcache doctor");
    try {
      List<String> wanted = List.of(adapter("fs_java", base, ",\"use_odirect\":true"));
      Programs.Ended ended = doctor(wanted, "--object-bytes", "4096", "--format", "json");

      assertThat(ended.exit()).as(ended.out() + ended.err()).isEqualTo(1);
      assertThat(json(ended).get("problems").findValuesAsText("subject"))
          .containsExactly("odirect");
      assertThat(json(ended).get("problems").get(0).get("reason").asText()).contains("cached");
      JsonNode size = json(ended).get("adapters").get(0).get("object_sizes").get(0);
      assertThat(size.get("path").asText()).isEqualTo("buffered");
      assertThat(size.get("reason").asText()).contains("not effective", "cached");
      assertThat(doctor(wanted).out().lines())
          .last()
          .asString()
          .contains("--l2-adapter #1 (fs_java)", "odirect", "cached");
    } finally {
      deleteAll(base);
    }
  }

  private static void deleteAll(Path base) throws Exception {
    try (Stream<Path> files = Files.walk(base)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void theAdvisedAlignmentMakesAnObjectDirect() throws Exception {
    Path base = dir.resolve("direct");
    String wanted = adapter("fs_java", base, ",\"use_odirect\":true");
    assumeThat(doctor(List.of(wanted)).exit())
        .as("whether there is direct I/O on %s", Files.getFileStore(dir).type())
        .isZero();
    JsonNode small = sizeAt(wanted, 512, 0);
    int enough = small.get("direct_with_l1_align_bytes").asInt();

    assertThat(small.get("path").asText()).isEqualTo("buffered");
    assertThat(enough).isGreaterThan(512);
    assertThat(sizeAt(wanted, enough, 0).get("path").asText()).isEqualTo("direct");
    String required = adapter("fs_java", base, ",\"use_odirect\":\"require\"");
    assertThat(sizeAt(required, 512, 1).get("path").asText()).isEqualTo("refused");
    assertThat(sizeAt(required, enough, 0).get("path").asText()).isEqualTo("direct");
  }

  private JsonNode sizeAt(String adapter, int alignment, int exit) throws Exception {
    Programs.Ended ended =
        doctor(
            List.of(adapter),
            "--object-bytes",
            "300001",
            "--l1-align-bytes",
            "" + alignment,
            "--format",
            "json");
    assertThat(ended.exit()).as(ended.out() + ended.err()).isEqualTo(exit);
    return json(ended).get("adapters").get(0).get("object_sizes").get(0);
  }
}

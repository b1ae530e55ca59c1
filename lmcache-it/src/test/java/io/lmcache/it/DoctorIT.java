// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Map;
import java.util.function.UnaryOperator;
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

  /** With another JVM option or class path. */
  private Programs.Ended doctorWith(UnaryOperator<List<String>> other, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("doctor", "--format", "json"));
    all.addAll(List.of(arguments));
    return Programs.run(dir, Map.of(), other.apply(Programs.lmcache(all.toArray(String[]::new))));
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
  void aBrokenProviderIsListedAndNoProblem() throws Exception {
    Path services = Files.createDirectories(dir.resolve("broken/META-INF/services"));
    Files.writeString(services.resolve("io.lmcache.spi.L2AdapterFactory"), "no.such.Factory\n");
    Programs.Ended ended =
        doctorWith(
            command -> {
              int jars = command.indexOf("-cp") + 1;
              command.set(jars, command.get(jars) + ":" + dir.resolve("broken"));
              return command;
            });

    assertThat(ended.exit()).as(ended.err()).isZero();
    JsonNode broken = json(ended).get("broken");
    assertThat(broken).hasSize(1);
    assertThat(broken.get(0).toString()).contains("no.such.Factory");
    assertThat(json(ended).get("providers").findValuesAsText("type")).contains("fs_native");
  }

  @Test
  @Tag("native")
  void theLibraryIsTheOneThatWasNamedOrItIsSaidWhyNot() throws Exception {
    String json = adapter("fs_native", dir.resolve("kv"), "");
    String java = adapter("fs_java", dir.resolve("kv"), "");
    Path library = dir.resolve("the library.so");
    Files.write(library, LoaderRuns.library(Programs.LIB));
    UnaryOperator<List<String>> named =
        command -> {
          command.add(1, "-Dlmcache.native.path=" + library);
          return command;
        };

    Programs.Ended good = doctorWith(named, "--l2-adapter", json);
    assertThat(good.exit()).as(good.out() + good.err()).isZero();
    JsonNode details = json(good).get("adapters").get(0).get("details");
    assertThat(details.get("library").asText()).isEqualTo(library.toString());

    Files.writeString(library, "no library");
    Programs.Ended unasked = doctorWith(named);
    assertThat(unasked.exit()).as(unasked.err()).isZero();
    for (JsonNode provider : json(unasked).get("providers")) {
      boolean isNative = provider.get("type").asText().equals("fs_native");
      assertThat(provider.get("available").asBoolean()).isEqualTo(!isNative);
      assertThat(provider.get("unavailability").asText().contains("" + library))
          .isEqualTo(isNative);
    }
    Programs.Ended asked = doctorWith(named, "--l2-adapter", json, "--l2-adapter", java);
    assertThat(asked.exit()).isEqualTo(1);
    JsonNode problems = json(asked).get("problems");
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0).get("subject").asText()).isEqualTo("open");
    assertThat(problems.get(0).get("reason").asText()).contains("" + library, "fs_java");
    assertThat(json(asked).get("adapters").findValuesAsText("opened"))
        .containsExactly("false", "true");
    assertThat(asked.err()).doesNotContain("\tat ");
  }

  @Test
  void whatCannotBeReadIsWrongUsageAndAllOfItIsSaid() throws Exception {
    Programs.Ended ended =
        doctor(
            List.of(
                adapter("fs_native", dir.resolve("kv"), ",\"use_odirct\":true"),
                adapter("fs_java", dir.resolve("kv"), ",")));

    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines())
        .satisfiesExactly(
            first -> assertThat(first).contains("use_odirct", "use_odirect"),
            second -> assertThat(second).contains("--l2-adapter #2", "is not valid JSON"));
    assertThat(dir).isEmptyDirectory();
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
  @Tag("native")
  void aDirectoryInUseIsOneLineAndItsFactsAreTold() throws Exception {
    String taken = adapter("fs_java", dir.resolve("taken"), "");
    AdapterRegistry registry = AdapterRegistry.discover();
    try (OpenAdapter open =
        registry.open(registry.parse("test", taken), AdapterEnvironment.of("test"))) {
      assertThat(open.adapter().loans()).isZero();
      Programs.Ended ended =
          doctor(
              List.of(
                  taken,
                  adapter("fs_java", dir.resolve("free"), ""),
                  adapter("fs_native", dir.resolve("taken"), ",\"shared\":true")),
              "--format",
              "json");

      assertThat(ended.exit()).isEqualTo(1);
      JsonNode problems = json(ended).get("problems");
      assertThat(problems.findValuesAsText("adapter"))
          .containsExactly("--l2-adapter #1 (fs_java)", "--l2-adapter #3 (fs_native)");
      assertThat(problems.findValuesAsText("subject")).containsExactly("exclusive", "shared");
      assertThat(problems.get(0).get("reason").asText())
          .contains("in use", "" + ProcessHandle.current().pid());
      assertThat(json(ended).get("adapters").findValuesAsText("opened"))
          .containsExactly("true", "true", "true");
      JsonNode details = json(ended).get("adapters").get(2).get("details");
      assertThat(details.get("file_system").asText()).isEqualTo(Files.getFileStore(dir).type());
      assertThat(Path.of(details.get("library").asText())).isRegularFile();
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
    Needs.that(
        doctor(List.of(wanted)).exit() == 0, "no direct I/O on " + Files.getFileStore(dir).type());
    JsonNode small = sizeAt(wanted, 512, 1);
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

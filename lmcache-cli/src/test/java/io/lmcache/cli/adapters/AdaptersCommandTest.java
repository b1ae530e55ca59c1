// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.cli.Cli;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdaptersCommandTest {

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode byName(JsonNode fields, String name) {
    for (JsonNode field : fields) {
      if (field.get("name").asText().equals(name)) {
        return field;
      }
    }
    throw new AssertionError("no field " + name + " in " + fields);
  }

  @Test
  void theDocumentHasEveryField() throws Exception {
    Cli.Result result = new Cli().run("adapters", "--format", "json", "test_memory");
    JsonNode document = new ObjectMapper().readTree(result.out());
    JsonNode adapter = document.get("adapters").get(0);

    assertThat(result.code()).isZero();
    assertThat(names(document))
        .containsExactly("adapters", "common_fields", "broken", "descriptor_files");
    assertThat(names(adapter))
        .containsExactly(
            "type", "aliases", "available", "unavailability", "conflict", "class", "jar", "fields");
    assertThat(adapter.get("type").asText()).isEqualTo("test_memory");
    assertThat(adapter.get("aliases").get(0).asText()).isEqualTo("test_mem");
    assertThat(adapter.get("available").asBoolean()).isTrue();
    assertThat(adapter.get("class").asText()).isEqualTo("io.lmcache.cli.bench.TestMemoryFactory");
    assertThat(document.get("descriptor_files").asInt()).isPositive();
    JsonNode nth = byName(adapter.get("fields"), "nth");
    assertThat(names(nth))
        .containsExactly("name", "type", "required", "default", "range", "unit", "secret", "doc");
    assertThat(nth.get("default").asText()).isEqualTo("-1");
    assertThat(nth.get("unit").asText()).isEqualTo("keys");
    assertThat(nth.get("range").isNull()).isTrue();
    assertThat(byName(adapter.get("fields"), "offset").get("range").isTextual()).isTrue();
    assertThat(byName(adapter.get("fields"), "password").get("secret").asBoolean()).isTrue();
    assertThat(result.out()).doesNotContain("hunter2");
    assertThat(byName(document.get("common_fields"), "persist_enabled").get("default").asText())
        .isEqualTo("true");
  }

  @Test
  void theTextNamesTheFactsOfATypeAndItsFields() {
    Cli.Result result = new Cli().run("adapters", "test_memory");

    assertThat(result.code()).isZero();
    assertThat(result.out()).doesNotContain("hunter2");
    assertThat(result.out().lines())
        .startsWith(
            "test_memory",
            "  status    available",
            "  aliases   test_mem",
            "  class     io.lmcache.cli.bench.TestMemoryFactory")
        .anyMatch(line -> line.matches(" {2}FIELD +TYPE +DEFAULT +RANGE +UNIT"))
        .anyMatch(line -> line.matches(" {2}nth +int +-1 +- +keys"))
        .contains("      which byte is corrupted", "Every type also has:")
        .allMatch(line -> line.length() <= 120 || line.startsWith("  jar"));
  }

  @Test
  void aTypeIsAlsoFoundByItsAlias() {
    assertThat(new Cli().run("adapters", "test_mem").out()).startsWith("test_memory\n");
  }

  @Test
  void theOrderIsThatOfTheNames() throws Exception {
    String first = new Cli().run("adapters", "--format", "json").out();
    List<String> types = new ArrayList<>();
    for (JsonNode adapter : new ObjectMapper().readTree(first).get("adapters")) {
      types.add(adapter.get("type").asText());
    }

    assertThat(types).contains("test_memory").isSorted();
    assertThat(new Cli().run("adapters", "--format", "json").out()).isEqualTo(first);
  }

  @Test
  void anUnknownTypeIsAUsageErrorThatNamesTheKnown() {
    Cli.Result result = new Cli().run("adapters", "tape");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines().get(0))
        .startsWith("lmcache: no adapter type \"tape\"; known: ")
        .contains("test_memory");
  }

  @Test
  void brokenProvidersAreShownAndDoNoHarm(@TempDir Path directory) throws Exception {
    Path descriptor =
        Files.createDirectories(directory.resolve("META-INF/services"))
            .resolve("io.lmcache.spi.L2AdapterFactory");
    Files.writeString(descriptor, "no.such.Factory\n");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      Thread.currentThread().setContextClassLoader(loader);
      Cli.Result text = new Cli().run("adapters", "test_memory");
      Cli.Result json = new Cli().run("adapters", "--format", "json");

      assertThat(text.code()).isZero();
      assertThat(text.errLines())
          .anyMatch(
              line ->
                  line.startsWith("lmcache: warning: cannot use the provider ")
                      && line.contains("no.such.Factory"));
      assertThat(text.out()).contains("1 broken provider");
      assertThat(json.err()).isEmpty();
      JsonNode broken = new ObjectMapper().readTree(json.out()).get("broken").get(0);
      assertThat(names(broken)).containsExactly("provider", "jar", "cause");
      assertThat(broken.toString()).contains("no.such.Factory");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}

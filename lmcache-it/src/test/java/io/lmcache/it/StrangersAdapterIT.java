// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stranger's jar on the class path is listed and works, without a word about it anywhere else.
 */
final class StrangersAdapterIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path dir;
  private Path jar;

  @BeforeEach
  void build() throws Exception {
    jar = StrangersJar.build(dir);
  }

  private Programs.Ended lmcache(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Programs.java());
    command.addAll(List.of("-cp", Programs.jars() + File.pathSeparator + jar));
    command.add("io.lmcache.cli.Main");
    command.addAll(List.of(arguments));
    return Programs.run(dir, Map.of(), command);
  }

  private static JsonNode adapter(JsonNode listing, String type) {
    for (JsonNode adapter : listing.findValues("adapters").get(0)) {
      if (adapter.get("type").asText().equals(type)) {
        return adapter;
      }
    }
    throw new AssertionError("no " + type + " in " + listing);
  }

  @Test
  void isListedWithItsJarAndFields() throws Exception {
    Programs.Ended ended = lmcache("adapters", "--format", "json");
    assertThat(ended.exit()).as(ended.err()).isZero();
    JsonNode stranger = adapter(JSON.readTree(ended.out()), "stranger");
    assertThat(stranger.get("aliases").get(0).asText()).isEqualTo("outsider");
    assertThat(stranger.get("jar").asText()).endsWith("stranger adapter.jar");
    assertThat(stranger.get("class").asText()).isEqualTo("stranger.StrangerFactory");
    assertThat(stranger.get("fields").get(0).get("name").asText()).isEqualTo("greeting");
    assertThat(adapter(JSON.readTree(ended.out()), "fs_native").get("class").asText())
        .isEqualTo("io.lmcache.l2.fs.jni.FsNativeAdapterFactory");
  }

  @Test
  void isUsedByTypeAndByAlias() throws Exception {
    for (String type : List.of("stranger", "outsider")) {
      Programs.Ended ended =
          lmcache(
              "bench",
              "l2",
              "--l2-adapter",
              "{\"type\":\"" + type + "\"}",
              "--num-keys",
              "8",
              "--data-size-kb",
              "16",
              "--no-skip-verify",
              "--format",
              "json");
      assertThat(ended.exit()).as(ended.err()).isZero();
      JsonNode load = JSON.readTree(ended.out()).get("metrics").get("load");
      assertThat(load.get("ok").asInt()).isEqualTo(8);
      assertThat(load.get("verify").get("bytes_compared").asLong()).isEqualTo(2 * 8 * 16 * 1024);
    }
  }

  @Test
  void twoJarsOfOneTypeAreNamedBoth() throws Exception {
    Path second = dir.resolve("other.jar");
    try (var in = new JarFile(jar.toFile());
        var out = new JarOutputStream(Files.newOutputStream(second))) {
      out.putNextEntry(new JarEntry("META-INF/services/io.lmcache.spi.L2AdapterFactory"));
      out.write("stranger.Twin\n".getBytes(StandardCharsets.UTF_8));
      assertThat(in.size()).isPositive();
    }
    jar = Path.of(jar + File.pathSeparator + second);
    Programs.Ended ended = lmcache("adapters");
    assertThat(ended.exit()).as("a broken provider does not end the listing").isZero();
    assertThat(ended.out()).contains("stranger", "fs_native");
    assertThat(ended.err() + ended.out()).contains("stranger.Twin", "other.jar");
  }
}

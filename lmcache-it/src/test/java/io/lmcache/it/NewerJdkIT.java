// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jars built for 17 run on a JDK that guards native access, where such a JDK is installed. */
@Tag("native")
final class NewerJdkIT {

  @TempDir Path dir;

  /** A JDK 24 or newer beside this one. */
  private static List<Path> newerJdks() throws Exception {
    Path all = Path.of("/usr/lib/jvm");
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(all)) {
      try (Stream<Path> homes = Files.list(all)) {
        for (Path home : homes.sorted().toList()) {
          Path release = home.resolve("release");
          if (Files.exists(release)
              && Files.exists(home.resolve("bin/java"))
              && Files.readString(release).matches("(?s).*JAVA_VERSION=\"(2[4-9]|[3-9]\\d).*")) {
            found.add(home);
          }
        }
      }
    }
    return found;
  }

  /** What {@code java -jar} goes by; this can be seen with any JDK. */
  @Test
  void theCommandsJarAsksForNativeAccess() throws Exception {
    Path command;
    try (Stream<Path> jars = Files.list(Path.of(Programs.jars()).resolveSibling(""))) {
      command =
          jars.filter(jar -> jar.getFileName().toString().startsWith("lmcache-cli"))
              .findFirst()
              .orElseThrow();
    }
    try (JarFile jar = new JarFile(command.toFile())) {
      Attributes attributes = jar.getManifest().getMainAttributes();
      assertThat(attributes.getValue("Enable-Native-Access")).isEqualTo("ALL-UNNAMED");
      assertThat(attributes.getValue(Attributes.Name.MAIN_CLASS)).isEqualTo("io.lmcache.cli.Main");
    }
  }

  @Test
  void benchRunsWithNativeAccessDeniedToAllOthers() throws Exception {
    List<Path> jdks = newerJdks();
    assumeThat(jdks).as("no JDK 24 or newer in /usr/lib/jvm").isNotEmpty();
    for (Path jdk : jdks) {
      List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
      command.add("--illegal-native-access=deny");
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(List.of("-cp", Programs.jars(), "io.lmcache.cli.Main", "bench", "l2"));
      command.addAll(List.of("--no-skip-verify", "--format", "json", "--l2-adapter"));
      command.add("{\"type\":\"fs_native\",\"base_path\":\"" + dir + "/kv\"}");
      Programs.Ended ended = Programs.run(dir, Map.of(), command);
      assertThat(ended.exit()).as(jdk + ": " + ended.err()).isZero();
      assertThat(ended.err()).doesNotContain("WARNING");
    }
  }

  /** What is refused here would end the JVM, by a fault in native code. */
  @ParameterizedTest
  @ValueSource(strings = {"fs_native", "fs_java"})
  void memoryOfArenasIsLentWhereItStaysAndIsOfAllThreads(String type) throws Exception {
    List<Path> jdks = newerJdks();
    assumeThat(jdks).as("no JDK 24 or newer in /usr/lib/jvm").isNotEmpty();
    for (Path jdk : jdks) {
      String spec = "{\"type\":\"" + type + "\",\"base_path\":\"" + dir + jdk + "\"}";
      List<String> options = List.of("--enable-native-access=ALL-UNNAMED");
      List<String> command = Programs.program(ArenaProgram.class, options, spec);
      command.set(0, jdk.resolve("bin/java").toString());
      Programs.Ended ended = Programs.run(dir, Map.of(), command);
      assertThat(ended.exit()).as(jdk + ": " + ended.err()).isZero();
      String closed = "refused: the arena of this buffer is closed, so its memory is gone; ";
      assertThat(ended.out().lines().map(line -> line.replaceAll("(; ).*", "$1")))
          .containsExactly(
              "ofShared: [STORED, LOADED, true]",
              "ofAuto: [STORED, LOADED, true]",
              "global: [STORED, LOADED, true]",
              "ofConfined: refused: the arena of this buffer is confined to a thread, and an"
                  + " adapter has threads of its own; ",
              "closed before: " + closed,
              "closed between, store: " + closed,
              "closed between, load: " + closed,
              "loans 0 objects 3");
    }
  }

  @Test
  void withoutPermissionItSaysWhichFlagIsMissing() throws Exception {
    List<Path> jdks = newerJdks();
    assumeThat(jdks).as("no JDK 24 or newer in /usr/lib/jvm").isNotEmpty();
    List<String> command = new ArrayList<>(List.of(jdks.get(0).resolve("bin/java").toString()));
    command.addAll(List.of("--illegal-native-access=deny", "-cp", Programs.jars()));
    command.addAll(List.of("io.lmcache.cli.Main", "bench", "l2", "--l2-adapter"));
    command.add("{\"type\":\"fs_native\",\"base_path\":\"" + dir + "/kv\"}");
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.err().lines()).hasSize(1);
    assertThat(ended.err()).contains("--enable-native-access=ALL-UNNAMED");
    command.set(command.size() - 1, "{\"type\":\"fs_java\",\"base_path\":\"" + dir + "/kv\"}");
    assertThat(Programs.run(dir, Map.of(), command).exit()).as("without a library").isZero();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Starts {@link OtherWorldMain} in a process with a locale, a umask or mounts of its own. */
final class OtherWorld {

  private static final long HANG_SECONDS = 120;

  /** What a process came to. */
  record Ended(int status, String output) {}

  private OtherWorld() {}

  static List<String> java(String... args) throws Exception {
    List<String> places = new ArrayList<>();
    for (Class<?> type :
        new Class<?>[] {
          OtherWorldMain.class,
          ObjectDirectory.class,
          StoredObject.class,
          ObjectKey.class,
          Logger.class,
          Nullable.class,
          org.assertj.core.api.Assertions.class
        }) {
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dslf4j.internal.verbosity=ERROR", // Nobody provides a logger there.
                "-cp",
                String.join(":", places),
                OtherWorldMain.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  /** The command, run by a shell after it did something, which may use {@code $0}. */
  static List<String> after(String shell, Path argument, List<String> command) {
    List<String> all = new ArrayList<>(List.of("sh", "-c", shell, argument.toString()));
    all.addAll(command);
    return all;
  }

  /** The command in a mount namespace of its own. */
  static List<String> inMounts(List<String> command) {
    List<String> all = new ArrayList<>(List.of("unshare", "-m"));
    all.addAll(command);
    return all;
  }

  /** Mounts of one's own are not to be had everywhere; where CI is set they must be. */
  static void needMounts() throws Exception {
    String reason;
    try {
      Ended ended = run(Map.of(), List.of("unshare", "-m", "true"));
      reason = ended.status == 0 ? "" : ended.output;
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    if (!reason.isEmpty()) {
      String line = "no mount namespace, other file systems are not tested: " + reason;
      assertThat(System.getenv("CI")).as(line).isNull();
      System.out.println(line);
      abort(line);
    }
  }

  static Ended run(Map<String, String> environment, List<String> command) throws Exception {
    Path output = Files.createTempFile("other-world", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().remove("JAVA_TOOL_OPTIONS"); // The JVM would report it.
      builder.environment().putAll(environment);
      builder.redirectErrorStream(true).redirectOutput(output.toFile());
      Process process = builder.start();
      try {
        assertThat(process.waitFor(HANG_SECONDS, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
      } finally {
        process.destroyForcibly();
      }
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.Raw.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What depends on the process: its locale, its mounts. */
@EnabledOnOs(OS.LINUX)
class OtherWorldTest {

  private static final long HANG_SECONDS = 120;

  private record Ended(int status, String output) {}

  @Test
  void inThePosixLocaleKeysAreFoundAllTheSame(@TempDir Path base) throws Exception {
    List<ObjectKey> keys =
        List.of(key("plain", 1), key("a?b", 2), key("größe", 3), key("模型/🚀", 4), key("\ufffd", 5));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Raw.put(base, keys.get(i), i);
      expected.add("visited " + keys.get(i) + " " + i);
      expected.add("listed " + keys.get(i) + " " + i);
    }
    byte[] notUtf8 = "\u00ff@0x01000100@0@0001.data".getBytes(StandardCharsets.ISO_8859_1);
    Files.createFile(Raw.path(base, notUtf8));

    Ended ended = run(Map.of("LC_ALL", "C"), java("list", base.toString()));

    assertThat(ended.output).startsWith("charset ANSI_X3.4-1968\n");
    expected.add("charset ANSI_X3.4-1968");
    assertThat(ended.output.lines()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(ended.status).isZero();
  }

  @Test
  void stagingOnAnotherFileSystemIsRefused(@TempDir Path temp) throws Exception {
    needMounts();
    Path base = Files.createDirectories(temp.resolve("base"));
    Path staging = Files.createDirectory(base.resolve("tmp"));
    String mount = "mount -t tmpfs lmcache-test \"$0\" && \"$@\" && ls -A \"$0\"";
    List<String> command =
        new ArrayList<>(List.of("unshare", "-m", "sh", "-c", mount, staging.toString()));
    command.addAll(java("prepare", base.toString(), "tmp"));

    Ended ended = run(Map.of(), command);

    // Nothing after that line: the staged probe is gone too.
    assertThat(ended.output)
        .isEqualTo(
            "refused relative_tmp_dir "
                + staging
                + " is on another file system than base_path "
                + base
                + ", so finished files could not appear atomically\n");
    assertThat(ended.status).isZero();
    try (Stream<Path> left = Files.list(base)) {
      assertThat(left).containsExactly(staging);
    }
    assertThat(staging).isEmptyDirectory();
  }

  @Test
  void theSamePlaceWithoutAMountIsPrepared(@TempDir Path temp) throws Exception {
    Ended ended = run(Map.of(), java("prepare", temp.resolve("base").toString(), "tmp"));

    assertThat(ended.output).isEqualTo("prepared " + temp.resolve("base/tmp") + "\n");
    assertThat(ended.status).isZero();
  }

  /** Mounts of one's own are not to be had everywhere; where CI is set they must be. */
  private static void needMounts() throws Exception {
    String reason;
    try {
      Ended ended = run(Map.of(), List.of("unshare", "-m", "true"));
      reason = ended.status == 0 ? "" : ended.output;
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    if (!reason.isEmpty()) {
      String line = "no mount namespace, staging on another file system is not tested: " + reason;
      assertThat(System.getenv("CI")).as(line).isNull();
      System.out.println(line);
      abort(line);
    }
  }

  private static List<String> java(String... args) throws Exception {
    List<String> places = new ArrayList<>();
    for (Class<?> type :
        new Class<?>[] {
          OtherWorldMain.class, ObjectDirectory.class, StoredObject.class, ObjectKey.class
        }) {
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(":", places),
                OtherWorldMain.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  private static Ended run(Map<String, String> environment, List<String> command) throws Exception {
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

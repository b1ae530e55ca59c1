// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.RawPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What depends on the process: its umask, its locale, what is mounted. */
final class OtherWorldTest {

  @TempDir Path temp;

  private record Ended(int status, String output) {}

  @ParameterizedTest
  @CsvSource({
    "077, 0664, 0775, rw-rw-r--, rwxrwxr-x",
    "000, 0600, 0700, rw-------, rwx------",
    "027, 0777, 0777, rwxrwxrwx, rwxrwxrwx"
  })
  void modesAreAsConfiguredWhateverTheUmask(
      String umask, String fileMode, String dirMode, String ofFiles, String ofDirectories)
      throws Exception {
    Path base = temp.resolve("base");
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "umask " + umask + " && exec \"$0\" \"$@\""));
    command.addAll(java(base.toString(), fileMode, dirMode, "OFF"));
    Ended ended = run(Map.of(), command);
    assertThat(ended.output).startsWith("loaded\n");
    assertThat(ended.status).isZero();
    int files = 0;
    int directories = 0;
    try (Stream<Path> all = Files.walk(base)) {
      for (Path path : all.filter(p -> !p.toString().contains(".lmcache")).toList()) {
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        boolean directory = Files.isDirectory(path);
        assertThat(mode).as("mode of %s", path).isEqualTo(directory ? ofDirectories : ofFiles);
        files += directory ? 0 : 1;
        directories += directory ? 1 : 0;
      }
    }
    assertThat(List.of(files, directories)).containsExactly(1, 3);
  }

  @Test
  void inThePosixLocaleAnObjectHasItsNameAllTheSame() throws Exception {
    Path base = temp.resolve("base");
    Ended ended = run(Map.of("LC_ALL", "C"), java(base.toString(), "0600", "0700", "OFF"));
    assertThat(ended.output).startsWith("loaded\n").contains("charset ANSI_X3.4-1968");
    byte[] name = ObjectFileNames.encode(OtherWorldMain.KEY).getBytes(StandardCharsets.UTF_8);
    try (Stream<Path> found = Files.list(base.resolve("01/02"))) {
      assertThat(found)
          .singleElement()
          .satisfies(
              file -> {
                byte[] path = RawPaths.bytes(file);
                assertThat(path).endsWith(name);
                assertThat(path[path.length - name.length - 1]).isEqualTo((byte) '/');
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"tmpfs, ON", "tmpfs, REQUIRE", "ramfs, ON", "ramfs, REQUIRE"})
  void inMemoryThereIsNoDirectIo(String type, String useOdirect) throws Exception {
    needMounts();
    Path base = Files.createDirectory(temp.resolve("base"));
    String mount = "mount -t " + type + " lmcache-test \"$0\" && exec \"$@\"";
    List<String> command =
        new ArrayList<>(List.of("unshare", "-m", "sh", "-c", mount, base.toString()));
    command.addAll(java(base.toString(), "0600", "0700", useOdirect));
    Ended ended = run(Map.of(), command);
    if (useOdirect.equals("ON")) {
      assertThat(ended.output)
          .contains("loaded\n", "odirect requested=true effective=false reason=cached\n");
    } else {
      assertThat(ended.output).startsWith("refused ").contains("require", type, base.toString());
    }
    assertThat(ended.status).isZero();
    assertThat(base).isEmptyDirectory();
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
      String line = "no mount namespace, direct I/O in memory is not tested: " + reason;
      assertThat(System.getenv("CI")).as(line).isNull();
      abort(line);
    }
  }

  private static List<String> java(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                OtherWorldMain.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  private static Ended run(Map<String, String> environment, List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT).environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), output);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}

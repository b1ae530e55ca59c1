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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** What is at {@code $0}, and whether what is moved there goes past the page cache. */
  private enum At {
    TMPFS("tmpfs", true, "mount -t tmpfs lmcache-test \"$0\""),
    RAMFS("ramfs", true, "mount -t ramfs lmcache-test \"$0\""),
    EXT4("ext4", false, ext4("$0", "noatime")),
    EXT4_JOURNAL("ext4", true, ext4("$0", "data=journal")),
    EXT4_JOURNAL_BY_DEFAULT(
        "ext4",
        true,
        ext4("$0", "noatime")
            .replace(" && mount", " && tune2fs -o journal_data \"$0.img\" >/dev/null && mount")),
    OVERLAY_TMPFS("overlay", true, overlay("mount -t tmpfs lmcache-test \"$0 under, it\"")),
    OVERLAY_EXT4("overlay", false, overlay(ext4("$0 under, it", "noatime"))),
    OVERLAY_EXT4_JOURNAL("overlay", true, overlay(ext4("$0 under, it", "data=journal")));

    private final String type;
    private final boolean cached;
    private final String mount;

    At(String type, boolean cached, String mount) {
      this.type = type;
      this.cached = cached;
      this.mount = mount;
    }

    private static String ext4(String place, String options) {
      return ("truncate -s 64M \"$0.img\" && mkfs.ext4 -q -F -b 4096 \"$0.img\""
              + " && mount -o loop,OPTIONS \"$0.img\" \"PLACE\"")
          .replace("OPTIONS", options)
          .replace("PLACE", place);
    }

    private static String overlay(String under) {
      return "mkdir \"$0 under, it\" && "
          + under
          + " && mkdir \"$0 under, it/upper\" \"$0 under, it/work\" \"$0 under, it/lower\""
          + " && cd \"$0 under, it\" && mount -t overlay -o"
          + " \"lowerdir=lower,upperdir=${0} under\\, it/upper,workdir=work\" none \"$0\"";
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereAllIsCachedThereIsNoDirectIo(At at) throws Exception {
    needMounts();
    for (String useOdirect : List.of("ON", "REQUIRE")) {
      Path base = Files.createDirectories(temp.resolve(useOdirect + "/base"));
      Ended ended = inMounts(at.mount, base, useOdirect);
      if (!at.cached) {
        assertThat(ended.output)
            .contains("loaded\n", "odirect requested=", " effective=true unit=4096\n");
      } else if (useOdirect.equals("ON")) {
        assertThat(ended.output)
            .contains("loaded\n", "odirect requested=true effective=false reason=cached\n");
      } else {
        assertThat(ended.output)
            .startsWith("refused ")
            .contains("require", at.type, base.toString(), "cached");
      }
      assertThat(ended.status).isZero();
      assertThat(base).isEmptyDirectory();
    }
  }

  /** Runs it where that has been mounted, and nobody else sees it. */
  private static Ended inMounts(String mount, Path base, String useOdirect) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "-m",
                "--propagation",
                "private",
                "sh",
                "-c",
                mount + " && exec \"$@\"",
                base.toString()));
    command.addAll(java(base.toString(), "0600", "0700", useOdirect));
    return run(Map.of(), command);
  }

  /** Over memory, with a relative upper layer, or with one that was unmounted as in a container. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none \"$0\"",
        "mount -t overlay -o \"lowerdir=lower,upperdir=$0-under/upper,workdir=work\" none \"$0\""
            + " && cd / && umount -l \"$0-under\""
      })
  void anOverlayOverWhatCannotBeSeenIsUnproven(String mount) throws Exception {
    needMounts();
    String under =
        "mkdir \"$0-under\" && mount -t tmpfs lmcache-test \"$0-under\" && cd \"$0-under\""
            + " && mkdir upper work lower && ";
    String reason = "the overlay's upper directory cannot be seen from here";
    for (String useOdirect : List.of("ON", "REQUIRE")) {
      Path base = Files.createDirectories(temp.resolve(useOdirect + "/base"));
      Ended ended = inMounts(under + mount, base, useOdirect);
      if (useOdirect.equals("ON")) {
        assertThat(ended.output)
            .contains("loaded\n", "warned 1\n")
            .contains("odirect requested=true effective=true unit=4096 reason=unproven: " + reason)
            // The trial at open, and three stores.
            .contains("created direct 4\n");
      } else {
        assertThat(ended.output)
            .isEqualTo(
                "refused \"use_odirect\": \"require\", but O_DIRECT is not proven to work on overlay"
                    + (" at " + base + ": " + reason + "; use \"type\": \"fs_native\", which asks")
                    + " the kernel, or set \"use_odirect\": true\n");
      }
      assertThat(ended.status).isZero();
      assertThat(base).isEmptyDirectory();
    }
  }

  /** Mounts of one's own are not to be had everywhere; where CI is set they must be. */
  private static void needMounts() throws Exception {
    String reason;
    try {
      String tools =
          "command -v mkfs.ext4 && losetup -f"
              + " && unshare -m --propagation private mount -t tmpfs none /mnt";
      Ended ended = run(Map.of(), List.of("sh", "-c", tools));
      reason = ended.status == 0 ? "" : "no mkfs.ext4, unshare or losetup, or no right to mount";
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    if (!reason.isEmpty()) {
      String line = "file systems that cache everything are not tested: " + reason;
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

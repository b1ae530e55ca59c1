// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * O_DIRECT on real file systems: lengths, skews, padding, modes and faults, each with each.
 *
 * <p>The file systems are mounted in a mount namespace of their own, which goes with the process
 * that has it; so do the loop devices.
 */
@Tag("native")
@Tag("seam")
final class DirectMatrixTest {

  private static final String MOUNT =
      """
      set -e
      cd "$1"
      truncate -s 160M ext4_512.img
      truncate -s 160M ext4_4096.img
      truncate -s 400M xfs.img
      mkdir EXT4_512 EXT4_4096 XFS TMPFS OVERLAY RAMFS under
      mkfs.ext4 -q -F ext4_512.img
      mount -o loop ext4_512.img EXT4_512
      loop=$(losetup --sector-size 4096 --find --show ext4_4096.img)
      trap 'losetup -d "$loop"' EXIT
      mkfs.ext4 -q -F -b 4096 "$loop"
      mount "$loop" EXT4_4096
      losetup -d "$loop"
      trap - EXIT
      mkfs.xfs -q xfs.img
      mount -o loop xfs.img XFS
      mount -t tmpfs -o size=256m none TMPFS
      mount -t ramfs none RAMFS
      mount -t tmpfs -o size=256m none under
      mkdir under/upper under/work under/lower
      mount -t overlay -o lowerdir=under/lower,upperdir=under/upper,workdir=under/work none OVERLAY
      shift
      exec "$@"
      """;

  private static final int ALL = 10_512;
  private static final int SOME = 1_500;

  @TempDir Path dir;

  @Test
  void anyTwoValuesTogether() throws Exception {
    Map<String, Integer> covered = run(SOME);
    assertThat(covered).containsEntry("CASES", SOME);
    assertCoversEveryWay(covered, 5);
  }

  @Test
  @Tag("soak")
  void everyCase() throws Exception {
    Map<String, Integer> covered = run(ALL);
    assertThat(covered).containsEntry("CASES", ALL);
    assertCoversEveryWay(covered, 40);
  }

  private static void assertCoversEveryWay(Map<String, Integer> covered, int times) {
    System.out.println("O_DIRECT matrix: " + covered);
    for (String way :
        List.of("DIRECT", "BUFFERED", "FALLBACK_LENGTH", "FALLBACK_FS", "FALLBACK_ERRNO")) {
      assertThat(covered).hasEntrySatisfying("STORE_" + way, atLeast(times));
      assertThat(covered).hasEntrySatisfying("LOAD_" + way, atLeast(times));
    }
    for (String way : List.of("STORE_REFUSED", "STORE_FAILED", "LOAD_FAILED", "REFUSED_AT_OPEN")) {
      assertThat(covered).hasEntrySatisfying(way, atLeast(times));
    }
    assertThat(covered).hasEntrySatisfying("RESIDENCY_CHECKS", atLeast(times));
  }

  private static Consumer<Integer> atLeast(int times) {
    return count -> assertThat(count).isGreaterThanOrEqualTo(times);
  }

  private Map<String, Integer> run(int cases) throws Exception {
    assumeTrue(mayMount(), "needs root and the tools unshare, losetup, mkfs.ext4 and mkfs.xfs");
    Path script = Files.writeString(dir.resolve("mount.sh"), MOUNT);
    Path mounts = Files.createDirectory(dir.resolve("mounts"));
    Path library = Path.of(System.getProperty("lmcache.native.path"));
    Process process =
        new ProcessBuilder(
                "unshare",
                "-m",
                "--propagation",
                "private",
                "bash",
                script.toString(),
                mounts.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dlmcache.native.path=" + library,
                "-cp",
                System.getProperty("java.class.path"),
                DirectMatrixMain.class.getName(),
                mounts.toString(),
                Integer.toString(cases))
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    Map<String, Integer> covered = new HashMap<>();
    for (String line : output.lines().filter(l -> l.matches("[A-Z_]+=[0-9]+")).toList()) {
      int equals = line.indexOf('=');
      covered.put(line.substring(0, equals), Integer.valueOf(line.substring(equals + 1)));
    }
    return covered;
  }

  /** In CI it must be possible. */
  private static boolean mayMount() throws Exception {
    if ("true".equals(System.getenv("CI"))) {
      return true;
    }
    String tools =
        "test $(id -u) = 0 && PATH=$PATH:/usr/sbin:/sbin"
            + " command -v unshare losetup mkfs.ext4 mkfs.xfs && unshare -m true";
    return new ProcessBuilder("bash", "-c", tools)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }
}

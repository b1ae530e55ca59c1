// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
      truncate -s 160M ext4_journal.img
      truncate -s 400M xfs.img
      mkdir EXT4_512 EXT4_4096 EXT4_JOURNAL XFS TMPFS OVERLAY RAMFS under
      mkfs.ext4 -q -F -b 4096 ext4_512.img
      mount -o loop ext4_512.img EXT4_512
      loop=$(losetup --sector-size 4096 --find --show ext4_4096.img)
      trap 'losetup -d "$loop"' EXIT
      mkfs.ext4 -q -F -b 4096 "$loop"
      mount "$loop" EXT4_4096
      losetup -d "$loop"
      trap - EXIT
      mkfs.ext4 -q -F ext4_journal.img
      mount -o loop,data=journal ext4_journal.img EXT4_JOURNAL
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

  /** Cases with I/O; the refusals at open are counted apart. */
  private static final int ALL = 9_928;

  private static final int SOME = 1_500;
  private static final int REFUSALS_AT_OPEN = 4;

  @TempDir Path dir;

  @Test
  void anyTwoValuesTogether() throws Exception {
    assertCovers(run(SOME, ChildJvm.LIMIT), SOME, 5);
  }

  @Test
  @Tag("soak")
  void everyCase() throws Exception {
    assertThat(DirectCase.all()).hasSize(ALL).doesNotHaveDuplicates();
    Map<String, Integer> covered = run(ALL, ChildJvm.SOAK_LIMIT);
    assertCovers(covered, ALL, 40);
    assertThat(ALL - cannot(covered))
        .as("cases whose fault came, or without")
        .isGreaterThanOrEqualTo(4_800);
  }

  private static void assertCovers(Map<String, Integer> covered, int cases, int times) {
    System.out.println("O_DIRECT matrix: " + covered);
    assertThat(covered)
        .containsEntry("CASES", cases)
        .containsEntry("REFUSED_AT_OPEN", REFUSALS_AT_OPEN);
    for (String way :
        List.of(
            "STORE_DIRECT",
            "STORE_BUFFERED",
            "STORE_FALLBACK_LENGTH",
            "STORE_FALLBACK_FS",
            "STORE_FALLBACK_ERRNO",
            "STORE_REFUSED_ADDRESS",
            "STORE_REFUSED_LENGTH",
            "STORE_REFUSED_ERRNO",
            "STORE_FAILED")) {
      assertThat(covered).hasEntrySatisfying(way, atLeast(times));
      assertThat(covered).hasEntrySatisfying(way.replace("STORE", "LOAD"), atLeast(times));
    }
    for (String what :
        List.of(
            "STORE_AGAIN_DIRECT",
            "STORE_AGAIN_BUFFERED",
            "RESIDENCY_NO_PAGE",
            "RESIDENCY_TAIL_PAGE",
            "RESIDENCY_SEEN",
            "FIRED_STORE_EINVAL_AT_OPEN",
            "FIRED_STORE_EINVAL_AT_WRITE",
            "FIRED_STORE_SHORT",
            "FIRED_STORE_EINTR",
            "FIRED_STORE_ENOSPC_MID_FILE",
            "FIRED_STORE_EDQUOT_AT_CLOSE",
            "FIRED_LOAD_EINVAL_AT_OPEN",
            "FIRED_LOAD_EINVAL_AT_READ",
            "FIRED_LOAD_SHORT",
            "FIRED_LOAD_EINTR")) {
      assertThat(covered).hasEntrySatisfying(what, atLeast(times));
    }
    assertThat(covered.get("CASES_FAULT_CAME")).isGreaterThan(cannot(covered));
  }

  /** Cases whose fault cannot come, whatever the reason. */
  private static int cannot(Map<String, Integer> covered) {
    return covered.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("CASES_FAULT_CANNOT_"))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private static Consumer<Integer> atLeast(int times) {
    return count -> assertThat(count).isGreaterThanOrEqualTo(times);
  }

  private Map<String, Integer> run(int cases, Duration limit) throws Exception {
    assumeTrue(mayMount(), "needs root and the tools unshare, losetup, mkfs.ext4 and mkfs.xfs");
    Path script = Files.writeString(dir.resolve("mount.sh"), MOUNT);
    Path mounts = Files.createDirectory(dir.resolve("mounts"));
    List<String> before = new ArrayList<>(List.of("unshare", "-m", "--propagation", "private"));
    before.addAll(List.of("bash", script.toString(), mounts.toString()));
    String output;
    try (ChildJvm child =
        ChildJvm.start(
            before,
            List.of("-Xmx256m", ChildJvm.library()),
            DirectMatrixMain.class,
            List.of(mounts.toString(), Integer.toString(cases)))) {
      output = child.output(limit);
    }
    Map<String, Integer> covered = new TreeMap<>();
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

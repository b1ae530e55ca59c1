// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Mounts;
import io.lmcache.it.Needs;
import io.lmcache.it.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real faults of a file system under a running adapter, in a namespace that ends with the process.
 * EDQUOT is not among them: it needs a kernel with quotas, which not every machine has; it is
 * proved at the seams of the modules.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class FaultyDiskIT {

  private static final int NOBODY = 65534;

  private static final String DISK =
      """
      truncate -s 64M "$1/disk"
      mkfs.ext4 -q -F -b 4096 "$1/disk"
      mount -o loop "$1/disk" "$1/mount"
      """;

  /** What is open for writing, as locks are, would keep the file system from being remounted. */
  private static final String LOCKS_ELSEWHERE =
      """
      mkdir -p "$1/mount/kv/.lmcache"
      mount -t tmpfs -o size=1m none "$1/mount/kv/.lmcache"
      """;

  private static final String RUN =
      """
      shift
      exec "$@"
      """;

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aReadOnlyFileSystemStillServesWhatIsThere(Engine engine) throws Exception {
    Programs.Ended ended = run(engine, "read-only", DISK + LOCKS_ELSEWHERE + RUN);
    assertThat(ended.figure("failures")).isEqualTo(8 + 2 + 6);
    assertThat(ended.figure("objects loaded")).isEqualTo(8 + 7 + 1);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aDeadDiskFailsEverythingAndCorruptsNothing(Engine engine) throws Exception {
    Needs.program("shutting a file system down", "sh", "-c", "command -v xfs_io");
    Programs.Ended ended = run(engine, "dead", DISK + RUN);
    assertThat(ended.figure("failures")).isEqualTo(8 + 8 + 6);
    assertThat(ended.figure("objects loaded")).isEqualTo(8);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aDirectoryThatIsGoneIsNeitherServedNorMadeAgain(Engine engine) throws Exception {
    Programs.Ended ended = run(engine, "gone", RUN);
    assertThat(ended.figure("failures")).isEqualTo(5 + 5 + 8 + (engine == Engine.FS_JAVA ? 3 : 0));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatBelongsToOthersFailsAlone(Engine engine) throws Exception {
    List<String> trial = new ArrayList<>(asNobody());
    trial.add("true");
    Needs.program("changing the user", trial.toArray(String[]::new));
    // What is below is to be reached by another user.
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    String classPath = Programs.copyClassPath(dir);
    Path unpacked =
        Files.createDirectory(
            dir.resolve("unpacked"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.setAttribute(unpacked, "unix:uid", NOBODY);

    assertWell(run(engine, "prepare", RUN));
    int others = FaultyDiskDenied.giveAway(dir.resolve("mount/kv"), NOBODY);
    List<String> command = new ArrayList<>(asNobody());
    command.addAll(
        List.of(
            Programs.java(),
            "-Xmx128m",
            "-Dlmcache.native.dir=" + unpacked,
            "-cp",
            classPath,
            FaultyDiskProgram.class.getName(),
            "denied",
            engine.name(),
            dir.resolve("mount").toString()));
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertWell(ended);
    report(engine, "denied", ended);
    assertThat(others).as("sub-directories of others").isEqualTo(FaultyDiskDenied.OTHERS);
    assertThat(ended.figure("failures")).isEqualTo(4 * FaultyDiskDenied.OTHERS);
  }

  private static List<String> asNobody() {
    String id = Integer.toString(NOBODY);
    return List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups");
  }

  private Programs.Ended run(Engine engine, String scene, String script) throws Exception {
    Mounts.needed();
    Drill.needsDisk(dir, 64L << 20);
    Path mount = Files.createDirectory(dir.resolve("mount"));
    List<String> command = new ArrayList<>(Mounts.NAMESPACE);
    command.addAll(List.of("sh", "-ec", script, "sh", dir.toString()));
    command.addAll(
        Programs.checking(
            FaultyDiskProgram.class, List.of("-Xmx128m"), scene, engine.name(), mount.toString()));
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertWell(ended);
    report(engine, scene, ended);
    return ended;
  }

  private static void report(Engine engine, String scene, Programs.Ended ended) throws Exception {
    String figures = ended.out().strip().replace("\n", ", ");
    if (!figures.isEmpty()) {
      Drill.report("FaultyDiskIT, " + engine + ", " + scene + ": " + figures);
    }
  }

  private static void assertWell(Programs.Ended ended) {
    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Mounts;
import io.lmcache.it.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A device does not answer: whoever waits for it in the kernel waits, and nobody else. A caller may
 * lose patience and an adapter be closed; what the kernel is at stays as it is until the device
 * answers, and then all of it is given back.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class StuckIT {

  private static final List<String> OPTIONS = List.of("-Xmx64m", "-XX:+UseSerialGC");

  /** Milliseconds of each close: it waits as long. */
  private static final String BOUND = Boolean.getBoolean("lmcache.soak") ? "2000" : "200";

  /** Whatever becomes of the program, the disk does not stay frozen. */
  private static final String MOUNT =
      """
      truncate -s 64M "$1/disk"
      mkfs.ext4 -q -F -b 4096 "$1/disk"
      mkdir "$1/mount"
      mount -o loop "$1/disk" "$1/mount"
      trap 'fsfreeze -u "$1/mount" 2>/dev/null || true' EXIT
      shift
      "$@"
      """;

  @TempDir Path dir;

  private static List<String> run(String what, List<String> command) throws Exception {
    try (DrillChild child = DrillChild.start(command)) {
      List<String> lines = child.lines();
      child.endsWell();
      Drill.report(what + ", closes of " + BOUND + " ms: " + String.join("; ", lines));
      return lines;
    }
  }

  /**
   * Who may not withhold pages from the kernel is told so. In CI too: it is the kernel's or a
   * container's decision, and nothing that could be installed.
   */
  private static void needsStuckMemory() {
    try {
      new StuckMemory().close();
    } catch (IOException e) {
      Assumptions.abort("no page can be withheld here: " + e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsThatDoNotEnd(Engine engine) throws Exception {
    needsStuckMemory();
    Drill.needsDisk(dir, 64L << 20);
    List<String> lines =
        run(
            "reads that do not end, " + engine,
            Programs.program(
                StuckProgram.class, OPTIONS, engine.name(), "" + dir.resolve("kv"), BOUND));
    assertThat(lines)
        .containsExactly(
            "stored: [STORED, STORED, STORED, STORED, STORED]",
            "the caller's patience: is over",
            "loans after it: 5",
            "report: CloseReport[drained=0, failed=3, inKernel=2]",
            "loans after close: 2",
            "ended: [false, false, true, true, true]",
            "memory: is there",
            "objects that are open: 2",
            "threads: 2",
            "outcomes: [LOADED, LOADED, CLOSED, CLOSED, CLOSED]",
            "right bytes: true",
            "right bytes: true",
            "left: nothing");
  }

  @ParameterizedTest
  @EnumSource
  void aFileSystemThatIsFrozen(Engine engine) throws Exception {
    Mounts.needed();
    Drill.needsDisk(dir, 64L << 20);
    Path mount = dir.resolve("mount");
    List<String> command = new ArrayList<>(Mounts.NAMESPACE);
    command.addAll(List.of("sh", "-ec", MOUNT, "sh", dir.toString()));
    command.addAll(
        Programs.program(FrozenProgram.class, OPTIONS, engine.name(), mount.toString(), BOUND));
    List<String> lines = run("a frozen file system, " + engine, command);
    assertThat(Files.exists(mount.resolve("kv"))).as("outside the namespace").isFalse();
    assertThat(lines)
        .containsExactly(
            "idle: CloseReport[drained=0, failed=0, inKernel=0]",
            "loans: 5",
            "report: CloseReport[drained=0, failed=3, inKernel=2]",
            "loans after close: 2",
            "ended: [false, false, true, true, true]",
            "threads that wait: 2",
            "outcomes: [STORED, STORED, CLOSED, CLOSED, CLOSED]",
            "left: nothing",
            "staging files: 0",
            "owners: 0",
            "stored: 2 of 400000",
            "loaded: [LOADED, true, LOADED, true, NOT_FOUND, false, NOT_FOUND, false, NOT_FOUND,"
                + " false]");
  }
}

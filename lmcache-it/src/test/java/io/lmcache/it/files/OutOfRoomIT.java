// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Mounts;
import io.lmcache.it.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** File systems that are full, in a namespace that ends with the process. */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class OutOfRoomIT {

  private static final Map<String, String> MOUNTS =
      Map.of(
          "tmpfs",
          "mount -t tmpfs -o size=1m none \"$1/mount\"",
          "ext4",
          """
          truncate -s 64M "$1/disk"
          mkfs.ext4 -q -F -b 4096 -m 0 "$1/disk"
          mount -o loop "$1/disk" "$1/mount"
          """);

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "FS_NATIVE, tmpfs, 1", "FS_NATIVE, tmpfs, 8", "FS_NATIVE, ext4, 1", "FS_NATIVE, ext4, 8",
    "FS_JAVA, tmpfs, 1", "FS_JAVA, tmpfs, 8", "FS_JAVA, ext4, 1", "FS_JAVA, ext4, 8"
  })
  void storesFailUntilThereIsRoomAndMakeSome(Engine engine, String fileSystem, String workers)
      throws Exception {
    Mounts.needed();
    Drill.needsDisk(dir, 64L << 20);
    Path mount = Files.createDirectory(dir.resolve("mount"));
    List<String> command = new ArrayList<>(Mounts.NAMESPACE);
    String script = MOUNTS.get(fileSystem) + "\nshift\nexec \"$@\"";
    command.addAll(List.of("sh", "-ec", script, "sh", dir.toString()));
    command.addAll(
        Programs.checking(
            OutOfRoomProgram.class, List.of("-Xmx128m"), engine.name(), mount.toString(), workers));
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    assertThat(Files.exists(mount.resolve("kv"))).as("outside the namespace").isFalse();
    Drill.report(
        "out of room, %s, %s, %s workers: %s"
            .formatted(
                engine, fileSystem, workers, String.join(", ", ended.out().lines().toList())));
    assertThat(ended.figure("stores that failed")).isGreaterThanOrEqualTo(5);
    assertThat(ended.figure("stores repeated")).isGreaterThanOrEqualTo(15);
    assertThat(ended.figure("objects evicted")).isGreaterThanOrEqualTo(45);
    assertThat(ended.figure("files looked at")).isGreaterThan(100);
  }
}

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
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A cache on a disk that it has filled opens again, with direct I/O, and goes on once there is
 * room. The disk is a file, mounted in a namespace that ends with the process.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class FullDiskIT {

  /** Nothing is kept back for root, who runs this. */
  private static final String MOUNT =
      """
      truncate -s 24M "$1/disk"
      mkfs.ext4 -q -F -b 4096 -m 0 -N 192 "$1/disk"
      mkdir "$1/mount"
      mount -o loop "$1/disk" "$1/mount"
      shift
      exec "$@"
      """;

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aFullDiskIsNoReasonNotToOpen(Engine engine) throws Exception {
    Mounts.needed();
    Path mount = dir.resolve("mount");
    List<String> command = new ArrayList<>(Mounts.NAMESPACE);
    command.addAll(List.of("sh", "-ec", MOUNT, "sh", dir.toString()));
    command.addAll(
        Programs.program(
            FullDiskProgram.class, List.of("-Xmx128m"), engine.name(), mount.toString()));
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertThat(ended.exit()).as(ended.out() + ended.err()).isZero();
    assertThat(Files.exists(mount.resolve("kv"))).as("outside the namespace").isFalse();

    List<String> lines = ended.out().lines().toList();
    String loaded = lines.get(1).replace("objects", "loaded");
    assertThat(Integer.parseInt(loaded.replace("loaded: ", ""))).isGreaterThan(30);
    String unproven = "requested=true effective=true%s reason=unproven: ENOSPC when it was tried";
    String unit = engine == Engine.FS_JAVA ? " unit=4096" : "";
    assertThat(lines.get(0)).isEqualTo("first: requested=true effective=true" + unit);
    assertThat(lines.get(2)).isEqualTo("usable: 0");
    assertThat(lines.get(3)).startsWith("full: " + unproven.formatted(unit));
    assertThat(lines.subList(4, 6)).containsExactly(loaded, "store: FAILED");
    assertThat(lines.get(6)).startsWith("still full: " + unproven.formatted(unit));
    if (engine == Engine.FS_NATIVE) {
      // The kernel vouches for it.
      assertThat(lines.get(7)).startsWith("required: requested=require effective=true reason=un");
      assertThat(lines.get(8)).isEqualTo(loaded);
    } else {
      assertThat(lines.get(7))
          .contains("\"use_odirect\": \"require\", but O_DIRECT is not proven to work on ext4 at ")
          .contains(mount.toString(), "ENOSPC", "make room");
    }
    List<String> last = lines.subList(lines.size() - 5, lines.size());
    assertThat(last.get(0)).startsWith("inodes: " + unproven.formatted(unit));
    assertThat(last.get(1)).isEqualTo(loaded);
    assertThat(last.get(2)).startsWith("before: " + unproven.formatted(unit));
    assertThat(last.get(3)).isEqualTo("store: STORED");
    assertThat(last.get(4)).isEqualTo("after: requested=true effective=true" + unit);
  }
}

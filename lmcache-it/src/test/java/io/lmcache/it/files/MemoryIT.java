// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where a process may have little memory, many times that goes through an adapter, and the process
 * lives: whatever is not given back, or grows with the traffic, gets it killed.
 */
@Tag("native")
@Timeout(value = 1800, unit = TimeUnit.SECONDS)
final class MemoryIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");
  private static final long MIB = 1 << 20;
  private static final long BATCH_BYTES = (long) MemoryProgram.BATCH * MemoryProgram.SIZE;

  private static final long LIMIT = (SOAK ? 512 : 192) * MIB;
  private static final int HEAP_MIB = SOAK ? 128 : 24;
  private static final int BATCHES = (int) ((SOAK ? 20 * 1024 : 256) * MIB / BATCH_BYTES);

  /** How many stay on disk; in full more than fit into memory, so that loads come from the disk. */
  private static final int STAY = SOAK ? (int) (2 * LIMIT / BATCH_BYTES) : 2;

  /** The heap is there from the beginning; buffers are the batch stored and the batch loaded. */
  private static final List<String> OPTIONS =
      List.of(
          "-Xms" + HEAP_MIB + "m",
          "-Xmx" + HEAP_MIB + "m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:MaxDirectMemorySize=" + (2 * BATCH_BYTES / MIB + 2) + "m");

  @TempDir(factory = DiskDirectory.class)
  Path dir;

  static Stream<Arguments> cases() {
    return Stream.of(Engine.values())
        .flatMap(engine -> Stream.of(Arguments.of(engine, false), Arguments.of(engine, true)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void muchGoesThroughLittle(Engine engine, boolean direct) throws Exception {
    if (direct) {
      DiskDirectory.needsDirect();
    }
    Drill.needsDisk(dir, (STAY + 2) * BATCH_BYTES);
    Path base = dir.resolve("kv");
    try (MemoryGroup group = MemoryGroup.of(LIMIT)) {
      List<String> command = new ArrayList<>();
      command.addAll(
          Programs.program(
              MemoryProgram.class,
              OPTIONS,
              engine.name(),
              "" + base,
              "" + direct,
              "" + BATCHES,
              "" + STAY,
              "" + group.limit()));
      String said;
      try (DrillChild child = DrillChild.start(group.inside(command))) {
        said = String.join(" ", child.lines());
        Drill.report(
            "memory, %s, direct=%s: %s kills=%d peakMib=%d"
                .formatted(engine, direct, said, group.kills(), group.peak() / MIB));
        assertThat(group.kills()).as("kills for want of memory").isZero();
        child.endsWell();
      }
      long bytes = BATCHES * BATCH_BYTES;
      assertThat(said)
          .isEqualTo(
              "limit=%d stored=%d loaded=%d wrong=0 left=0 direct=%d fallbacks=0"
                  .formatted(LIMIT, bytes, bytes, direct ? 1 : 0));
      // Some pages the kernel takes for itself, limit or not.
      assertThat(group.peak()).as("the most memory").isBetween(HEAP_MIB * MIB, LIMIT + MIB);
    }
    assertThat(OwnersFiles.staged(base)).isEmpty();
  }
}

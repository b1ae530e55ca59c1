// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.cli.Cli;
import io.lmcache.spi.MemoryObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryTest {

  private static final String ADAPTER = "{\"type\": \"test_memory\"}";

  private static BenchPlan plan(int keys, int objectBytes) {
    return new BenchPlan(keys, 1, objectBytes, 1, 0, 0, false, Optional.empty(), false, 0);
  }

  @Test
  void refusesBuffersOfMoreThanHalfOfTheMemory() {
    Cli.Result refused =
        new Cli()
            .memory((64 << 20) - 2)
            .run("bench", "l2", "--l2-adapter", ADAPTER, "--num-keys", "64");

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.errLines())
        .containsExactly(
            "lmcache: the buffers would take 32 MiB, more than half of the 64.0 MiB of memory here:"
                + " lower --num-keys",
            "try: lmcache bench l2 --help");
  }

  @Test
  void takesExactlyHalfOfTheMemory() {
    assertThat(
            new Cli()
                .memory(64 << 20)
                .run("bench", "l2", "--l2-adapter", ADAPTER, "--num-keys", "64")
                .code())
        .isZero();
  }

  @Test
  void oneOperationNeedsHalfAsMuch() {
    Cli cli = new Cli().memory(32 << 20);
    String place = "{\"type\": \"test_memory\", \"place\": \"half-as-much\"}";

    for (String only : new String[] {"store", "load", "lookup"}) {
      Cli.Result result =
          cli.run("bench", "l2", "--l2-adapter", place, "--num-keys", "64", "--only", only);
      assertThat(result.code()).as(result.err()).isZero();
    }
  }

  @Test
  void namesTheFlagThatIsFurthestAboveItsDefault() {
    Cli cli = new Cli().memory(1 << 20);

    assertThat(cli.run("bench", "l2", "--l2-adapter", ADAPTER, "--data-size-kb", "1024").err())
        .contains("lower --data-size-kb");
    assertThat(cli.run("bench", "l2", "--l2-adapter", ADAPTER, "--in-flight", "9").err())
        .contains("lower --in-flight");
  }

  @Test
  void slotsArePageAlignedPaddedAndApart() {
    for (int size : new int[] {1, 1024, 4096, 4097, 70 << 10}) {
      Slots slots = Slots.allocate(40, plan(40, size));
      for (int i = 0; i < 40; i++) {
        MemoryObject object = slots.get(i);
        assertThat(object.buffer().alignmentOffset(0, 4096)).isZero();
        assertThat(object.physicalBytes() % 4096).isZero();
        assertThat(object.sizeBytes()).isEqualTo(size);
        object.physical().put(0, (byte) i).put(object.physicalBytes() - 1, (byte) i);
      }
      for (int i = 0; i < 40; i++) {
        assertThat(slots.get(i).buffer().get(0)).isEqualTo((byte) i);
        assertThat(slots.get(i).physical().get(slots.get(i).physicalBytes() - 1))
            .isEqualTo((byte) i);
      }
    }
  }

  @Test
  void theLargestObjectFitsOneBuffer() {
    assertThat(plan(1, BenchPlan.MAX_OBJECT_BYTES).slotBytes())
        .isLessThanOrEqualTo(Integer.MAX_VALUE - BenchPlan.PAGE + 1)
        .isEqualTo(BenchPlan.MAX_OBJECT_BYTES);
  }

  @Test
  void theLeastLimitAboveAProcessBindsIt(@TempDir Path root) throws IOException {
    Path group = Files.createDirectories(root.resolve("outer/inner"));
    Files.writeString(group.resolve("memory.max"), "max\n");
    Files.writeString(root.resolve("outer/memory.max"), "1000000\n");
    Files.writeString(root.resolve("memory.max"), "2000000\n");

    assertThat(MachineMemory.groupLimit(root, "0::/outer/inner\n")).isEqualTo(1_000_000);
    assertThat(MachineMemory.groupLimit(root, "0::/\n")).isEqualTo(2_000_000);
    assertThat(MachineMemory.groupLimit(root, "12:cpu:/x\n")).isEqualTo(2_000_000);
    assertThat(MachineMemory.groupLimit(root.resolve("none"), "")).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void thisMachineHasMemory() {
    assertThat(MachineMemory.bytes()).isBetween(1L << 20, 1L << 50);
  }
}

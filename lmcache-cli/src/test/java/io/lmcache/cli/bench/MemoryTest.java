// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.cli.Cli;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.MemoryObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class MemoryTest {

  private static final String ADAPTER = "{\"type\": \"test_memory\"}";

  private static BenchPlan plan(int keys, int objectBytes) {
    return plan(keys, objectBytes, OptionalInt.empty());
  }

  private static BenchPlan plan(int keys, int objectBytes, OptionalInt alignment) {
    return new BenchPlan(
        keys, 1, objectBytes, 1, 0, 0, false, Optional.empty(), false, alignment, false, 0);
  }

  private static SlotLayout layout(int objectBytes, int memoryAlignment, int lengthAlignment) {
    return SlotLayout.of(plan(1, objectBytes), limits(memoryAlignment, lengthAlignment));
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

  private static AdapterLimits limits(int memoryAlignment, int lengthAlignment) {
    AdapterLimits any = AdapterLimits.DEFAULT;
    return new AdapterLimits(
        any.maxObjectBytes(),
        any.maxKeysPerRequest(),
        any.maxKeyBytes(),
        memoryAlignment,
        lengthAlignment,
        Set.of());
  }

  private static void assertAlignedPaddedAndApart(Slots slots, SlotLayout layout) {
    for (int i = 0; i < 10; i++) {
      MemoryObject object = slots.get(i);
      assertThat(object.buffer().alignmentOffset(0, layout.unit())).isZero();
      assertThat(object.physicalBytes() % layout.unit()).isZero();
      assertThat(object.physicalBytes() - object.sizeBytes()).isBetween(0, layout.unit() - 1);
      assertThat(object.sizeBytes()).isEqualTo(layout.objectBytes());
      object.physical().put(0, (byte) i).put(object.physicalBytes() - 1, (byte) i);
    }
    for (int i = 0; i < 10; i++) {
      assertThat(slots.get(i).buffer().get(0)).isEqualTo((byte) i);
      assertThat(slots.get(i).physical().get(slots.get(i).physicalBytes() - 1)).isEqualTo((byte) i);
    }
  }

  @Test
  void slotsAreAlignedPaddedAndApart() {
    for (int unit : new int[] {1, 512, 4096, 65536}) {
      for (int size : new int[] {1, 1024, 4096, 4097, 70 << 10, (2 << 20) + 1}) {
        SlotLayout layout = new SlotLayout(size, unit, false);
        try (Slots ofSystem = Slots.allocate(10, layout);
            Slots ofJvm = Slots.ofTheJvm(10, layout, "a test")) {
          assertAlignedPaddedAndApart(ofSystem, layout);
          assertAlignedPaddedAndApart(ofJvm, layout);
        }
      }
    }
  }

  @Test
  void theAdaptersWishesMakeTheSlots() {
    assertThat(layout(1024, 1, 1).slotBytes()).isEqualTo(4096);
    assertThat(layout(1024, 512, 8192).slotBytes()).isEqualTo(8192);
    assertThat(layout(1024, 16384, 1).slotBytes()).isEqualTo(16384);
    assertThat(layout(6 << 20, 512, 4 << 20).slotBytes()).isEqualTo(8 << 20);
    assertThat(layout(1024, 1 << 30, 1).slotBytes()).isEqualTo(1 << 30);
  }

  @Test
  void whatThePlanSaysGoesBeforeTheAdaptersWishes() {
    BenchPlan plan = plan(1, 3 << 10, OptionalInt.of(512));

    assertThat(SlotLayout.of(plan, limits(4096, 4096)))
        .isEqualTo(new SlotLayout(3 << 10, 512, true));
    assertThat(SlotLayout.of(plan)).isEqualTo(new SlotLayout(3 << 10, 512, true));
  }

  /** A file system's unit may be several MiB; the system's memory alone begins on 2 MiB. */
  @Test
  void unitsAboveHugePagesAreAlignedToo() {
    SlotLayout layout = new SlotLayout(6 << 20, 4 << 20, false);
    for (int attempt = 0; attempt < 4; attempt++) {
      try (Slots ofSystem = Slots.allocate(10, layout);
          Slots other = Slots.allocate(1, new SlotLayout(1 + attempt * (2 << 20), 4096, false))) {
        assertThat(other.get(0).buffer().get(0)).isZero();
        assertAlignedPaddedAndApart(ofSystem, layout);
      }
    }
    assertThat(plan(10, 6 << 20).bufferBytes(layout)).isEqualTo(164L << 20);
  }

  /** Or some objects would go direct by luck, and others would not. */
  @Test
  void slotsAreAlignedToWhatThePlanSaysAndToNoMore() {
    for (int unit : new int[] {1, 512, 4096, 65536}) {
      for (int size : new int[] {1024, 3 << 10, 70 << 10}) {
        SlotLayout layout = SlotLayout.of(plan(10, size, OptionalInt.of(unit)), limits(1, 1));
        try (Slots ofSystem = Slots.allocate(10, layout);
            Slots ofJvm = Slots.ofTheJvm(10, layout, "a test")) {
          for (Slots slots : List.of(ofSystem, ofJvm)) {
            assertAlignedPaddedAndApart(slots, layout);
            for (int i = 0; i < 10; i++) {
              assertThat(slots.get(i).buffer().alignmentOffset(0, 2 * unit)).isEqualTo(unit);
            }
          }
        }
      }
    }
    SlotLayout large = SlotLayout.of(plan(1, 3 << 20, OptionalInt.of(512)));
    try (Slots onHugePages = Slots.allocate(1, large)) {
      assertThat(onHugePages.get(0).buffer().alignmentOffset(0, 2 << 20)).isZero();
    }
  }

  @Test
  void muchPaddingIsNamed() {
    BenchPlan plan = plan(32, 1 << 20);
    SlotLayout wide = SlotLayout.of(plan, limits(512, 4 << 20));

    assertThat(MemoryCheck.problem(plan, wide, 511L << 20))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .startsWith(
                        "the buffers would take 260 MiB with objects padded to 4 MiB, more than"));
    assertThat(MemoryCheck.problem(plan, wide, 520L << 20)).isEmpty();
    assertThat(MemoryCheck.problem(plan, SlotLayout.of(plan), 1 << 20))
        .hasValueSatisfying(line -> assertThat(line).doesNotContain("padded"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void largeSlotsBeginOnHugePages() {
    SlotLayout layout = new SlotLayout((2 << 20) + 1, 4096, false);
    assertThat(layout.slotBytes()).isEqualTo((2 << 20) + 4096);
    assertThat(layout.strideBytes()).isEqualTo(4 << 20);
    assertThat(new SlotLayout(6 << 20, 4096, false).strideBytes()).isEqualTo(6 << 20);
    assertThat(new SlotLayout((2 << 20) - 4096, 4096, false).strideBytes())
        .isEqualTo((2 << 20) - 4096);
    try (Slots slots = Slots.allocate(3, layout)) {
      for (int i = 0; i < 3; i++) {
        assertThat(slots.get(i).buffer().alignmentOffset(0, 2 << 20)).isZero();
      }
    }
    assertThat(plan(3, layout.objectBytes()).bufferBytes(layout)).isEqualTo(24L << 20);
  }

  @Test
  void theLargestObjectFitsOneBuffer() {
    for (int unit : new int[] {1, 4096, 65536, 2 << 20, 1 << 30}) {
      int most = new SlotLayout(1, unit, false).mostObjectBytes();
      assertThat(new SlotLayout(most, unit, false).slotBytes())
          .isLessThanOrEqualTo(Integer.MAX_VALUE - unit + 1)
          .isEqualTo(most);
      assertThat(Integer.MAX_VALUE - most).isLessThan(unit);
    }
  }

  @Test
  void saysWhereTheBuffersAreWhenTheSystemHasNone() {
    try (Slots slots = Slots.ofTheJvm(3, new SlotLayout(1, 4096, false), "why not")) {
      assertThat(slots.kind()).hasToString("direct buffers of the JVM: why not");
      assertThat(slots.kind().bytes()).isEqualTo(3 * 4096);
      assertThat(slots.kind().hugePageBytes()).isZero();
    }
    assertThat(Notices.fallback(Optional.of("no JNA")))
        .hasValueSatisfying(
            line -> assertThat(line).contains("direct buffers of the JVM", "no JNA"));
    assertThat(Notices.fallback(Optional.empty())).isEmpty();
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

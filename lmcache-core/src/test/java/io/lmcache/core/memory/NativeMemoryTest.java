// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class NativeMemoryTest {

  private static final int MIB = 1 << 20;

  private static long mappedBytes() throws IOException {
    return Files.readString(Path.of("/proc/self/status"))
        .lines()
        .filter(line -> line.startsWith("VmSize:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .sum();
  }

  @Test
  void isAlignedDirectZeroAndOfWholeHugePages() throws IOException {
    for (long bytes : new long[] {1, 2 * MIB, 2 * MIB + 1, 7 * MIB}) {
      try (NativeMemory memory = NativeMemory.allocate(bytes)) {
        assertThat(memory.bytes()).isBetween(bytes, bytes + NativeMemory.ALIGNMENT - 1);
        assertThat(memory.bytes() % NativeMemory.ALIGNMENT).isZero();
        ByteBuffer all = memory.buffer(0, (int) memory.bytes());
        assertThat(all.isDirect()).isTrue();
        assertThat(all.alignmentOffset(0, NativeMemory.ALIGNMENT)).isZero();
        assertThat(all.mismatch(ByteBuffer.allocate(all.capacity()))).isEqualTo(-1);
      }
    }
  }

  @Test
  void buffersAreViewsOfOneMemory() throws IOException {
    try (NativeMemory memory = NativeMemory.allocate(4 * MIB)) {
      ByteBuffer all = memory.buffer(0, 4 * MIB);
      for (int i = 0; i < all.capacity(); i++) {
        all.put(i, (byte) (i * 31 + i / 4096));
      }
      ByteBuffer part = memory.buffer(3 * MIB + 5, 4096);

      assertThat(part.capacity()).isEqualTo(4096);
      assertThat(part.mismatch(all.slice(3 * MIB + 5, 4096))).isEqualTo(-1);
      part.put(0, (byte) 99);
      assertThat(all.get(3 * MIB + 5)).isEqualTo((byte) 99);
    }
  }

  @Test
  void isLargerThanAnyBuffer() throws IOException {
    long size = 5L << 30;
    try (NativeMemory memory = NativeMemory.allocate(size)) {
      memory.buffer(size - 1, 1).put(0, (byte) 7);
      memory.buffer(3L << 30, Integer.MAX_VALUE).put(Integer.MAX_VALUE - 1, (byte) 8);

      assertThat(memory.buffer(size - 2, 2).get(1)).isEqualTo((byte) 7);
      assertThat(memory.buffer((3L << 30) + Integer.MAX_VALUE - 1, 1).get(0)).isEqualTo((byte) 8);
    }
  }

  @Test
  void refusesWhatIsNotWithinIt() throws IOException {
    try (NativeMemory memory = NativeMemory.allocate(1)) {
      assertThatThrownBy(() -> memory.buffer(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> memory.buffer(memory.bytes(), 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> memory.buffer(1, (int) memory.bytes()))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> NativeMemory.allocate(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NativeMemory.allocate(Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatTheSystemDoesNotHaveIsAFailureThatSaysSo() {
    assertThatThrownBy(() -> NativeMemory.allocate(1L << 56))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("mmap of 720575940", "ENOMEM");
  }

  @Test
  void closingGivesItBack() throws IOException {
    NativeMemory memory = NativeMemory.allocate(4L << 30);
    long before = mappedBytes();
    memory.close();
    memory.close();

    assertThat(before - mappedBytes()).isGreaterThan(2L << 30);
    assertThatThrownBy(() -> memory.buffer(0, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(memory::kind).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theKindIsWhatTheKernelSays() throws IOException {
    String policy =
        Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")).strip();
    try (NativeMemory touched = NativeMemory.allocate(8 * MIB);
        NativeMemory neighbour = NativeMemory.allocate(8 * MIB)) {
      assertThat(touched.kind().toString()).endsWith(" KiB pages: not touched yet");
      touched.buffer(0, 8 * MIB).put(new byte[8 * MIB]);

      assertThat(neighbour.kind().why()).isEqualTo("not touched yet");
      Needs.that(!policy.contains("[never]"), "huge pages are off: " + policy);
      assertThat(touched.kind()).hasToString("huge pages (8 of 8 MiB)");
      assertThat(touched.kind().hugePageBytes()).isEqualTo(8 * MIB);
      assertThat(neighbour.kind().hugePageBytes()).isZero();
      assertThat(touched.kind().and(neighbour.kind())).hasToString("huge pages (8 of 16 MiB)");
    }
  }

  @Test
  void sumsUpThePiecesOfARangeAndNoOthers() {
    String piece = "%s rw-p 00000000 00:00 0 \nSize: 9 kB\nRss: %s kB\nAnonHugePages: %s kB\n";
    String smaps =
        String.format(piece, "1000-2000", "4", "1")
            + String.format(piece, "2000-3000", "8", "2")
            + String.format(piece, "3000-5000", "16", "4")
            + String.format(piece, "5000-6000", "32", "8")
            + String.format(piece, "ffffffffff600000-ffffffffff601000", "64", "16");

    assertThat(Smaps.part(smaps, 0x2000, 0x5000)).isEqualTo(new Smaps.Part(24 * 1024, 6 * 1024));
    assertThat(Smaps.part(smaps, 0x6000, 0x7000)).isEqualTo(new Smaps.Part(0, 0));
  }

  @Test
  void saysWhyThereAreNoHugePages() {
    assertThat(new MemoryKind(4 * MIB, 0, "4 KiB pages", "")).hasToString("4 KiB pages");
    assertThat(new MemoryKind(4 * MIB, 0, "4 KiB pages", "never"))
        .hasToString("4 KiB pages: never");
  }
}

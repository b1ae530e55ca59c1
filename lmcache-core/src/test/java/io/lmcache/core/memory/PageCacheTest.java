// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On the disk that holds the build, as the usual temporary directory may live in memory. */
@EnabledOnOs(OS.LINUX)
final class PageCacheTest {

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "overlay");
  private static final int PAGE = LinuxCalls.getpagesize();

  private Path file = Path.of("none");

  @BeforeEach
  void makeFile() throws IOException {
    file = Files.createTempFile(Path.of("target"), "page cache ä", ".data");
  }

  @AfterEach
  void removeFile() throws IOException {
    Files.deleteIfExists(file);
  }

  private void needsDisk() throws IOException {
    String type = Files.getFileStore(file).type();
    Needs.that(!IN_MEMORY.contains(type), "the build stands in memory: " + type);
  }

  @Test
  void isAvailable() {
    assertThat(PageCache.unavailable()).isEmpty();
  }

  @Test
  void dropsWhatWasJustWritten() throws IOException {
    needsDisk();
    byte[] bytes = new byte[20 * PAGE + 1];
    bytes[bytes.length - 1] = 42;
    Files.write(file, bytes);

    assertThat(PageCache.residentPages(file)).isEqualTo(21);
    assertThat(PageCache.residentBytes(file)).isEqualTo(21L * PAGE);
    PageCache.drop(file);
    assertThat(PageCache.residentPages(file)).isZero();
    assertThat(PageCache.residentBytes(file)).isZero();
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat(PageCache.residentPages(file)).isEqualTo(21);
  }

  @Test
  void askingBringsNothingIn() throws IOException {
    needsDisk();
    Files.write(file, new byte[64 * PAGE]);
    PageCache.drop(file);

    for (int i = 0; i < 3; i++) {
      assertThat(PageCache.residentPages(file)).isZero();
    }
  }

  @Test
  void countsSinglePages() throws IOException {
    needsDisk();
    Files.write(file, new byte[512 * PAGE]);
    PageCache.drop(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(PAGE), 7L * PAGE);
      channel.write(ByteBuffer.allocate(PAGE), 300L * PAGE);
    }

    assertThat(PageCache.residentPages(file)).isEqualTo(2);
  }

  @Test
  void countsAcrossAllOfALargeFile() throws IOException {
    needsDisk();
    long size = (2L << 30) + PAGE + 1;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(size);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), 0);
      channel.write(ByteBuffer.allocate(1), 1L << 30);
      channel.write(ByteBuffer.allocate(1), size - 1);
    }

    assertThat(PageCache.residentPages(file)).isEqualTo(3);
    PageCache.drop(file);
    assertThat(PageCache.residentPages(file)).isZero();
  }

  @Test
  void anEmptyFileHasNoPages() throws IOException {
    PageCache.drop(file);

    assertThat(PageCache.residentPages(file)).isZero();
  }

  @Test
  void memoryCannotBeDroppedAndIsNotSaidToBe() throws IOException {
    Needs.that(
        Files.isDirectory(MEMORY) && Files.getFileStore(MEMORY).type().equals("tmpfs"),
        "no tmpfs at " + MEMORY);
    Path inMemory = Files.createTempFile(MEMORY, "page-cache", ".data");
    try {
      Files.write(inMemory, new byte[5 * PAGE]);
      PageCache.drop(inMemory);

      assertThat(PageCache.residentPages(inMemory)).isEqualTo(5);
    } finally {
      Files.delete(inMemory);
    }
  }

  @Test
  void aFailureSaysWhatAndWhereAndWhy() {
    Path missing = Path.of("target", "no such file");

    assertThatThrownBy(() -> PageCache.drop(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContainingAll(missing.toString(), "open", "ENOENT");
    assertThatThrownBy(() -> PageCache.residentPages(missing))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> PageCache.drop(file.resolve("below")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContainingAll(file.toString(), "open", "ENOTDIR");
  }

  @Test
  void whatHasNoPagesIsAFailureAndNoHang() throws Exception {
    Path pipe = Path.of("target", "page-cache-" + ProcessHandle.current().pid() + ".pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try {
      assertThatThrownBy(() -> PageCache.drop(pipe))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContainingAll(pipe.toString(), "fdatasync", "EINVAL");
      assertThatThrownBy(() -> PageCache.residentPages(pipe))
          .hasMessageContainingAll("lseek", "ESPIPE");
    } finally {
      Files.delete(pipe);
    }
  }

  /** FUSE refuses them for files that go past the page cache; here the kernel does for a thread. */
  @Test
  void needsNoSharedMapping() throws Exception {
    Files.write(file, new byte[3 * PAGE]);
    FutureTask<Long> resident =
        new FutureTask<>(
            () -> {
              SharedMappings.refuse();
              return PageCache.residentPages(file);
            });
    new Thread(resident).start();
    assertThat(resident.get()).isEqualTo(3);
  }

  @Test
  void leavesNoDescriptorAndNoMapping() throws IOException {
    Files.write(file, new byte[3 * PAGE]);
    PageCache.residentPages(file);
    for (int i = 0; i < 50; i++) {
      PageCache.drop(file);
      PageCache.residentPages(file);
    }

    assertThat(Files.readString(Path.of("/proc/self/maps")))
        .doesNotContain(file.getFileName() + "");
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(descriptors.filter(this::isOurs)).isEmpty();
    }
  }

  private boolean isOurs(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).endsWith(file.getFileName());
    } catch (IOException e) {
      return false; // that of the listing itself, which is closed by now
    }
  }
}

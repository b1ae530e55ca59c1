// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DiskSpaceTest {

  /** Of 1000 bytes 600 are used, 300 are available and 100 reserved, which df does not count. */
  @ParameterizedTest
  @CsvSource({
    "0,      0, 9223372036854775807",
    "1,      0, 300",
    "0.9,    0, 210",
    "0.5,    0, -150",
    "0,    100, 200",
    "0,    300, 0",
    "0,    400, -100",
    "0.9,  100, 200",
    "0.9,   50, 210",
    "0.5,  400, -150"
  })
  void theNearerLimitCounts(double watermark, long minFree, long headroom) {
    assertThat(new DiskSpace(600, 300).headroom(watermark, minFree)).isEqualTo(headroom);
  }

  @Test
  void ofARealDirectoryItIsWhatDfSays(@TempDir Path dir) throws Exception {
    DiskSpace space = DiskSpace.of(dir);
    long total = Files.getFileStore(dir).getTotalSpace();
    assertThat(space.usedBytes()).isBetween(0L, total);
    assertThat(space.availableBytes()).isBetween(0L, total);
    assertThat(space.usedBytes() + space.availableBytes()).isBetween(1L, total);
  }

  @ParameterizedTest
  @ValueSource(strings = {"No space left on device", "Disk quota exceeded"})
  void whatTheSystemSaysCountsAndNoPath(String words) {
    String path = "/kv/" + words;
    assertThat(
            List.of(
                new IOException(words),
                new IOException("cannot write /kv/x: " + words),
                new FileSystemException("/kv/x", null, words),
                new FileSystemException("/kv/x", "/kv/y", "sync: " + words)))
        .allMatch(DiskSpace::isMissing);
    assertThat(
            List.of(
                new IOException(),
                new IOException(path),
                new IOException("cannot write " + path),
                new IOException("cannot write " + path + ": Input/output error"),
                new FileSystemException(path),
                new FileSystemException("/kv/x", path, null),
                new FileSystemException(path, null, "Input/output error"),
                new NoSuchFileException("/kv/: " + words),
                new AccessDeniedException(path)))
        .noneMatch(DiskSpace::isMissing);
  }

  @Test
  void ofADirectoryThatIsNotThereItIsAnError(@TempDir Path dir) {
    assertThatThrownBy(() -> DiskSpace.of(dir.resolve("gone"))).isInstanceOf(IOException.class);
  }
}

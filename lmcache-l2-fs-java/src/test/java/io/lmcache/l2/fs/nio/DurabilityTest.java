// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.StorageFixture.errorOf;
import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.Fsync;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the disk before a store completes, by the order of the calls. */
final class DurabilityTest {

  private static final int SIZE = 5000;

  @TempDir Path base;

  private List<String> put(StorageFixture f, int n) throws IOException {
    f.calls.take();
    f.storage.put(key(n), filled(key(n), 1, SIZE));
    return f.calls.take();
  }

  @Test
  void noneWaitsForNothing() throws Exception {
    try (StorageFixture f = new StorageFixture(Configs.in(base).make())) {
      assertThat(put(f, 1))
          .containsExactly(
              "create staged",
              "write staged 5000 at 0",
              "set lmcache",
              "close staged",
              "publish object");
    }
  }

  @Test
  void dataSyncsTheFileAndItsAttributeBeforeItAppears() throws Exception {
    try (StorageFixture f = new StorageFixture(Configs.in(base).fsync(Fsync.DATA).make())) {
      assertThat(put(f, 1))
          .containsExactly(
              "create staged",
              "write staged 5000 at 0",
              "set lmcache",
              "sync staged data",
              "close staged",
              "publish object");
    }
  }

  @Test
  void fullSyncsTheNameTooBeforeTheStoreReturns() throws Exception {
    FsJavaConfig config = Configs.in(base).fsync(Fsync.FULL).hashSubdirLevels(2).make();
    try (StorageFixture f = new StorageFixture(config)) {
      List<String> file =
          List.of(
              "create staged",
              "write staged 5000 at 0",
              "set lmcache",
              "sync staged data",
              "close staged",
              "publish object");
      List<String> first = put(f, 1);
      // The first time, the sub-directories are there only after a vain attempt to publish.
      assertThat(first)
          .startsWith(file.toArray(String[]::new))
          .endsWith(
              "publish object",
              "open /ab/cd",
              "sync /ab/cd",
              "close /ab/cd",
              "open /ab",
              "sync /ab",
              "close /ab",
              "open /",
              "sync /",
              "close /");
      assertThat(first).hasSize(file.size() + 1 + 9);
      assertThat(put(f, 2))
          .startsWith(file.toArray(String[]::new))
          .endsWith("publish object", "open /ab/cd", "sync /ab/cd", "close /ab/cd")
          .hasSize(file.size() + 3);
    }
  }

  @Test
  void aNameThatCannotBeSyncedIsNotFound() throws Exception {
    try (StorageFixture f = new StorageFixture(Configs.in(base).fsync(Fsync.FULL).make())) {
      f.calls.fail("sync /", new IOException("Input/output error"));
      assertThat(errorOf(() -> f.storage.put(key(1), filled(key(1), 1, SIZE))).nativeCode())
          .isEqualTo("EIO");
      assertThat(f.storage.stat(key(1))).isEmpty();
      assertThat(f.files()).isEmpty();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.StorageFixture.errorOf;
import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static io.lmcache.l2.fs.nio.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.Fsync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  /** What leads to the object is synced before it appears, and only its own name after. */
  @Test
  void fullSyncsTheNamesTooBeforeTheStoreReturns() throws Exception {
    FsJavaConfig config = Configs.in(base).fsync(Fsync.FULL).hashSubdirLevels(2).make();
    try (StorageFixture f = new StorageFixture(config)) {
      List<String> file =
          List.of(
              "create staged",
              "write staged 5000 at 0",
              "set lmcache",
              "sync staged data",
              "close staged");
      // The first time the sub-directories are made in between.
      List<String> first = put(f, 1);
      assertThat(first)
          .startsWith(file.toArray(String[]::new))
          .endsWith(
              "open /ab/cd",
              "open /ab",
              "sync /ab",
              "close /ab",
              "open /",
              "sync /",
              "close /",
              "publish object",
              "sync /ab/cd",
              "close /ab/cd")
          .hasSize(file.size() + 10);
      assertThat(put(f, 2))
          .startsWith(file.toArray(String[]::new))
          .endsWith("open /ab/cd", "publish object", "sync /ab/cd", "close /ab/cd")
          .hasSize(file.size() + 4);
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

  @Test
  void wantOfADescriptorLeavesWhatWasThere() throws Exception {
    FsJavaConfig config = Configs.in(base).fsync(Fsync.FULL).hashSubdirLevels(2).make();
    try (StorageFixture f = new StorageFixture(config)) {
      put(f, 1);
      for (String call : List.of("open /ab/cd", "sync /ab")) {
        f.calls.failOnce(call, new IOException("Too many open files"));
        // Another instance, which has not yet made sure of the directories.
        StorageFixture one = call.startsWith("open") ? f : fresh(f, config, call);
        assertThat(errorOf(() -> one.storage.put(key(1), filled(key(1), 2, SIZE + 1))).nativeCode())
            .isEqualTo("EMFILE");
        one.load(key(1), poisoned(SIZE), 1);
        assertThat(one.files()).hasSize(1);
        one.close();
      }
    }
  }

  private static StorageFixture fresh(StorageFixture closed, FsJavaConfig config, String failing)
      throws IOException {
    closed.close();
    StorageFixture fresh = new StorageFixture(config);
    fresh.calls.failOnce(failing, new IOException("Too many open files"));
    return fresh;
  }

  private static List<String> holds(StorageFixture f, int n) throws IOException {
    f.calls.take();
    assertThat(f.storage.holds(key(n), filled(key(n), 1, SIZE))).isTrue();
    return f.calls.take();
  }

  @Test
  void whatIsPresentIsMadeDurableOnce() throws Exception {
    FsJavaConfig config = Configs.in(base).fsync(Fsync.FULL).make();
    List<String> syncs =
        List.of("open object", "sync object", "close object", "open /", "sync /", "close /");
    try (StorageFixture f = new StorageFixture(config)) {
      put(f, 1);
      assertThat(holds(f, 1)).as("its own").isEmpty();
    }
    try (StorageFixture f = new StorageFixture(config)) {
      assertThat(holds(f, 1)).as("from before").isEqualTo(syncs);
      assertThat(holds(f, 1)).isEmpty();
      // The same bytes, but another file.
      Files.copy(f.file(key(1)), base.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(base.resolve("copy"), f.file(key(1)), StandardCopyOption.ATOMIC_MOVE);
      assertThat(holds(f, 1)).isEqualTo(syncs);
    }
    try (StorageFixture f = new StorageFixture(Configs.in(base).fsync(Fsync.DATA).make())) {
      assertThat(holds(f, 1)).isEmpty();
    }
  }

  @Test
  void whatIsPresentAndCannotBeMadeDurableIsAnErrorAndStays() throws Exception {
    try (StorageFixture f = new StorageFixture(Configs.in(base).make())) {
      put(f, 1);
    }
    try (StorageFixture f = new StorageFixture(Configs.in(base).fsync(Fsync.FULL).make())) {
      for (String call : List.of("sync object", "open /", "sync /")) {
        f.calls.failOnce(call, new IOException("Input/output error"));
        assertThat(errorOf(() -> f.storage.holds(key(1), filled(key(1), 1, SIZE))).nativeCode())
            .isEqualTo("EIO");
        f.load(key(1), poisoned(SIZE), 1);
      }
      f.calls.failOnce("open object", new NoSuchFileException("gone"));
      assertThat(f.storage.holds(key(1), filled(key(1), 1, SIZE))).isFalse();
      assertThat(holds(f, 1)).contains("sync object", "sync /");
    }
  }
}

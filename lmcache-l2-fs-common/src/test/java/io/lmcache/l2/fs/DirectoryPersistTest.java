// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.ObjectFiles.everythingBelow;
import static io.lmcache.l2.fs.ObjectFiles.longKey;
import static io.lmcache.l2.fs.Raw.key;
import static io.lmcache.l2.fs.TestDirectory.options;
import static io.lmcache.l2.fs.TestDirectory.visited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What closing a directory leaves, and when it is somebody else's. */
final class DirectoryPersistTest {

  private static final long HANG_SECONDS = 60;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  @AfterEach
  void endThread() {
    thread.shutdownNow();
  }

  private static ObjectDirectory open(Path base, int levels, boolean persist) throws IOException {
    return ObjectDirectory.open(options(base, "tmp", levels, false, persist));
  }

  /** Objects that this format wrote, each another way. */
  private static List<Path> putOurs(Path base, int levels, String model) throws Exception {
    List<Path> ours = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      ours.add(ObjectFiles.put(base, levels, key(model, 256 * n + n), 100 + n));
    }
    ours.add(ObjectFiles.put(base, levels, key(model, 9), 0));
    ours.add(ObjectFiles.put(base, levels, longKey(model.length()), 3));
    // Shorter than it says: damaged, and ours all the same.
    Path damaged = ObjectFiles.putPlain(base, levels, key(model, 10), 3);
    ObjectFiles.setAttribute(damaged, ObjectFiles.attribute(key(model, 10), 4).encode());
    ours.add(damaged);
    if (levels == 0) {
      Path old = Files.write(base.resolve(model + "@0x01000100@0001.data"), new byte[3]);
      ObjectKey key = key(model, 1);
      ObjectFiles.setAttribute(old, ObjectFiles.attribute(key, 3).encode());
      ours.add(old);
    }
    return ours;
  }

  /** Upstream's objects, and what only looks like ours. */
  private static void putOthers(Path base, int levels) throws Exception {
    for (int n = 0; n < 3; n++) {
      ObjectFiles.putPlain(base, levels, key("upstream", n), 50 + n);
    }
    ObjectFiles.putPlain(base, levels, key("empty", 1), 0);
    ObjectFiles.setAttribute(
        ObjectFiles.putPlain(base, levels, key("moved", 1), 5),
        ObjectFiles.attribute(key("moved", 2), 5).encode());
    ObjectFiles.setAttribute(
        ObjectFiles.putPlain(base, levels, key("damaged", 1), 5), new byte[36]);
    ObjectFiles.setAttribute(
        ObjectFiles.putPlain(base, levels, key("newer", 1), 5),
        ObjectFiles.newerAttribute(key("newer", 1), 5));
    ObjectFiles.setKey(ObjectFiles.put(base, levels, longKey(77), 5), longKey(78).toString());
    Path elsewhere = Files.createDirectories(base.resolve("else/where"));
    Path ours = ObjectFiles.put(elsewhere, 0, key("elsewhere", 1), 5);
    Files.createSymbolicLink(base.resolve("link@0x01000100@0@0001.data"), ours);
    Files.writeString(base.resolve("README"), "keep");
    Files.createFile(base.resolve(".lmc-00000000-0000-0000-0000-000000000000-1.tmp"));
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "1, 7", "2, 7"})
  void notToPersistRemovesOurFilesAtOpenAndAtClose(int levels, int count, @TempDir Path base)
      throws Exception {
    Path meta = base.resolve(".lmcache");
    open(base, levels, true).close();
    putOthers(base, levels);
    Map<String, String> others = everythingBelow(base, meta);
    assertThat(others).hasSizeGreaterThan(14);
    List<Path> first = putOurs(base, levels, "first");
    assertThat(first).hasSize(count).allMatch(Files::isRegularFile);

    ObjectDirectory directory = open(base, levels, false);

    assertThat(first).noneMatch(Files::exists);
    assertThat(filesOf(everythingBelow(base, meta))).isEqualTo(filesOf(others));
    List<Path> second = putOurs(base, levels, "second one");
    assertThat(visited(directory)).hasSizeGreaterThan(count);
    assertThat(second).hasSize(count).allMatch(Files::isRegularFile);

    directory.close();

    assertThat(second).noneMatch(Files::exists);
    assertThat(filesOf(everythingBelow(base, meta))).isEqualTo(filesOf(others));
    directory.close();
  }

  /** Without the directories, whose own links and times change. */
  private static Map<String, String> filesOf(Map<String, String> all) {
    all.keySet().removeIf(path -> path.isEmpty() || path.endsWith("/"));
    assertThat(all).as("files of others").hasSize(12);
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void toPersistRemovesNothing(int levels, @TempDir Path base) throws Exception {
    Path meta = base.resolve(".lmcache");
    open(base, levels, true).close();
    putOthers(base, levels);
    putOurs(base, levels, "m");
    Files.delete(base.resolve(".lmc-00000000-0000-0000-0000-000000000000-1.tmp"));
    Map<String, String> all = everythingBelow(base, meta);
    // The probes change the times of the directories that they pass through, not their names.
    try (ObjectDirectory directory = open(base, levels, true)) {
      assertThat(visited(directory)).hasSizeGreaterThan(8);
    }
    assertThat(everythingBelow(base, meta)).isEqualTo(all);
  }

  @Test
  void theWarningSaysHowMany(@TempDir Path base) {
    ObjectNames names = new ObjectNames(0, true);
    ObjectRemoval removal =
        new ObjectRemoval(new DirectoryScan(base, List.of(base), names, true), true);
    assertThat(removal.warning(base, 4711)).contains(base.toString(), "4711", "persist_enabled");
    assertThat(removal.warning(base, 0)).isNull();
    ObjectRemoval bare =
        new ObjectRemoval(new DirectoryScan(base, List.of(base), names, false), false);
    assertThat(bare.warning(base, 0)).contains(base.toString(), "none is removed");
  }

  @Test
  void aDirectoryIsGivenBackOnlyAfterTheWalkUnderWay(@TempDir Path base) throws Exception {
    ObjectDirectory directory = open(base, 0, false);
    List<Path> ours = putOurs(base, 0, "m");
    CountDownLatch inTheWalk = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<ObjectKey> seen = new ArrayList<>();
    Future<?> walk =
        thread.submit(
            () -> {
              directory.forEach(
                  object -> {
                    inTheWalk.countDown();
                    await(goOn);
                    seen.add(object.key());
                  });
              return null;
            });
    await(inTheWalk);

    directory.close();
    directory.close();

    assertThat(ours).hasSize(8).allMatch(Files::exists);
    assertThatIOException()
        .isThrownBy(() -> open(base, 0, true))
        .withMessageContaining("base_path is in use");
    // It is closed for all others.
    assertThat(visited(directory)).isEmpty();
    assertThat(ours).allMatch(Files::exists);
    goOn.countDown();
    walk.get(HANG_SECONDS, TimeUnit.SECONDS);
    assertThat(seen).as("objects of the walk").hasSize(8);
    assertThat(ours).noneMatch(Files::exists);
    open(base, 0, true).close();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(HANG_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aWalkThatFailsDoesNotKeepTheDirectory(@TempDir Path base) throws Exception {
    ObjectDirectory directory = open(base, 0, true);
    putOurs(base, 0, "m");
    RuntimeException failure = new IllegalStateException("of the visitor");
    List<Throwable> thrown = new ArrayList<>();
    try {
      directory.forEach(
          object -> {
            throw failure;
          });
    } catch (IllegalStateException e) {
      thrown.add(e);
    }
    assertThat(thrown).containsExactly(failure);
    directory.close();

    open(base, 0, true).close();
  }
}

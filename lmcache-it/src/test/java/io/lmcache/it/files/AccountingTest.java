// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever many threads and strangers do to a directory: once it is quiet, usage, listing and disk
 * say the same.
 */
@Tag("native")
final class AccountingTest {

  private static final int THREADS = 8;
  private static final int KEYS = 500;
  private static final long SEED = 20_240_607L;

  @TempDir Path root;

  private final AccountingKeys keys = new AccountingKeys(KEYS);

  /** What strangers did behind the adapter's back. */
  private final AtomicInteger removed = new AtomicInteger();

  private final AtomicInteger added = new AtomicInteger();

  @ParameterizedTest
  @CsvSource({
    "FS_JAVA, false, 100000",
    "FS_NATIVE, false, 100000",
    "FS_JAVA, true, 8000",
    "FS_NATIVE, true, 8000"
  })
  void usageListingAndDiskAgreeOnceItIsQuiet(Engine engine, boolean shared, int operations)
      throws IOException, InterruptedException, ExecutionException {
    Path base = root.resolve("l2");
    List<Path> spares = spares(engine.other());
    Map<String, Integer> counts = new TreeMap<>();
    Map<ObjectKey, Long> left;
    AccountingListener listener = new AccountingListener();
    try (FileAdapter adapter = FileAdapter.open(engine, base, listener, "\"shared\": " + shared)) {
      adapter.recovered();
      run(adapter, base, spares, operations, counts);
      assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(operations);
      assertThat(counts.keySet())
          .contains(
              "store IF_ABSENT STORED",
              "store IF_ABSENT ALREADY_PRESENT",
              "store REPLACE STORED",
              "load LOADED",
              "load NOT_FOUND",
              "load SIZE_MISMATCH",
              "hit",
              "miss",
              "delete DELETED",
              "delete ABSENT");
      assertThat(removed.get()).as("files removed behind its back").isGreaterThan(100);
      assertThat(added.get()).as("files added behind its back").isGreaterThan(100);
      Map<ObjectKey, Long> disk = notice(adapter, base);
      FileAdapter.await("usage is put right", () -> agrees(adapter, disk));
      left = disk;
      assertAgrees(adapter, left);
      assertThat(adapter.counter("corrupt")).isZero();
      assertThat(adapter.counter("foreign")).isZero();
    }
    assertThat(listener.faults()).as("events that contradict each other").isEmpty();
    assertThat(listener.known()).as("what the events tell").isEqualTo(left);
    assertThat(left.size()).as("objects left").isGreaterThan(50);
    assertThat(AccountingKeys.bySalt(left)).hasSize(5);
    try (FileAdapter again = FileAdapter.open(engine, base, "\"shared\": " + shared)) {
      again.recovered();
      assertThat(keys.onDisk(base)).as("the disk after a restart").isEqualTo(left);
      assertThat(again.counter("recovered_objects")).isEqualTo(left.size());
      assertAgrees(again, left);
    }
  }

  /** A sound file of another size, put in the place of the one that the adapter knows. */
  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_NATIVE, false", "FS_JAVA, true", "FS_NATIVE, true"})
  void aLoadPutsTheSizeRightOfWhatWasReplacedBehindItsBack(Engine engine, boolean shared)
      throws IOException {
    Path base = root.resolve("l2");
    List<Path> spares = spares(engine.other());
    String loaded = DamageFiles.name(keys.get(1));
    String mismatched = DamageFiles.name(keys.get(2));
    try (FileAdapter adapter = FileAdapter.open(engine, base, "\"shared\": " + shared)) {
      adapter.recovered();
      for (int n = 0; n < 10; n++) {
        adapter.mustStore(keys.get(n), 0, AccountingLoad.size(n, 0));
      }
      for (String name : List.of(loaded, mismatched)) {
        Files.delete(base.resolve(name));
        Files.createLink(base.resolve(name), spares.get(1).resolve(name));
      }
      adapter.mustLoad(keys.get(1), 1, AccountingLoad.size(1, 1));
      assertThat(adapter.load(keys.get(2), 0, AccountingLoad.size(2, 0)))
          .isEqualTo(LoadOutcome.SIZE_MISMATCH);
      Map<ObjectKey, Long> disk = keys.onDisk(base);
      FileAdapter.await("usage is put right", () -> agrees(adapter, disk));
      assertAgrees(adapter, disk);
    }
  }

  private static boolean agrees(FileAdapter adapter, Map<ObjectKey, Long> disk) {
    return adapter.usage().storedBytes() == AccountingKeys.sum(disk);
  }

  /** Directories with every key, one for each version; their files can be linked elsewhere. */
  private List<Path> spares(Engine engine) throws IOException {
    List<Path> spares = new ArrayList<>();
    for (int version = 0; version < AccountingLoad.versions(); version++) {
      Path spare = root.resolve("spare-" + version);
      spares.add(spare);
      try (FileAdapter adapter = FileAdapter.open(engine, spare)) {
        for (int n = 0; n < KEYS; n++) {
          adapter.mustStore(keys.get(n), version, AccountingLoad.size(n, version));
        }
      }
    }
    return spares;
  }

  private void run(
      FileAdapter adapter,
      Path base,
      List<Path> spares,
      int operations,
      Map<String, Integer> counts)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Map<String, Integer>>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        AccountingLoad load = new AccountingLoad(adapter, keys, SEED + t);
        Random random = new Random(SEED - t - 1);
        int share = operations / THREADS;
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < share; i++) {
                    load.step();
                    if (i % 10 == 0) {
                      meddle(base, spares, random);
                    }
                  }
                  return load.counts();
                }));
      }
      for (Future<Map<String, Integer>> one : running) {
        one.get().forEach((what, count) -> counts.merge(what, count, Integer::sum));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Removes a file, or adds one where there is none: atomically, with its attribute. */
  private void meddle(Path base, List<Path> spares, Random random) throws IOException {
    String name = DamageFiles.name(keys.get(random.nextInt(KEYS)));
    if (random.nextBoolean()) {
      if (Files.deleteIfExists(base.resolve(name))) {
        removed.incrementAndGet();
      }
      return;
    }
    Path spare = spares.get(random.nextInt(spares.size())).resolve(name);
    try {
      Files.createLink(base.resolve(name), spare);
      added.incrementAndGet();
    } catch (FileAlreadyExistsException e) {
      // Then it is there already, which is as good.
      assertThat(e.getFile()).contains(name);
    }
  }

  /** Every key is loaded once, so that the adapter notices what was done behind its back. */
  private Map<ObjectKey, Long> notice(FileAdapter adapter, Path base) throws IOException {
    Map<ObjectKey, Long> disk = keys.onDisk(base);
    AccountingLoad load = new AccountingLoad(adapter, keys, SEED);
    for (int n = 0; n < KEYS; n++) {
      Long bytes = disk.get(keys.get(n));
      assertThat(load.loadAs(n, bytes))
          .isEqualTo(bytes == null ? LoadOutcome.NOT_FOUND : LoadOutcome.LOADED);
    }
    return disk;
  }

  private static void assertAgrees(FileAdapter adapter, Map<ObjectKey, Long> disk) {
    assertThat(adapter.list()).as("listing and disk").isEqualTo(disk);
    AdapterUsage usage = adapter.usage();
    assertThat(usage.storedBytes()).as("bytes").isEqualTo(AccountingKeys.sum(disk));
    assertThat(usage.storedObjects()).as("objects").isEqualTo(disk.size());
    assertThat(usage.bytesBySalt()).as("by salt").isEqualTo(AccountingKeys.bySalt(disk));
    assertThat(usage.inFlightBytes()).as("in flight").isZero();
    assertThat(adapter.adapter().loans()).as("loans").isZero();
    assertThat(adapter.adapter().status().pinnedKeys()).as("pins").isZero();
  }
}

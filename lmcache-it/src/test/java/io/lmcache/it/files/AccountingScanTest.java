// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Operations that race the scan at open of a large directory leave no phantom in the index and
 * forget no file.
 */
@Tag("native")
final class AccountingScanTest {

  private static final int THREADS = 8;
  private static final int FILES = 20_000;

  /** Some keys more have no file. */
  private static final int KEYS = 22_000;

  /** Files that nobody touches. */
  private static final int QUIET = 1_000;

  private static final int QUIET_BYTES = 64;
  private static final int LEAST_OPERATIONS = 500;
  private static final long SEED = 7_062_024L;

  private static final AccountingKeys KEY_SPACE = new AccountingKeys(KEYS);

  /** The files are written once, and linked into each directory. */
  @TempDir static Path masters;

  @TempDir Path root;

  private final AtomicInteger racing = new AtomicInteger();

  private static ObjectKey quiet(int n) {
    return Content.key("org/quiet", n);
  }

  private static Path master(int n) {
    return DamageFiles.of(masters, KEY_SPACE.get(n));
  }

  @BeforeAll
  static void writeFiles() throws IOException {
    for (int n = 0; n < FILES; n++) {
      int version = n % 2;
      int size = AccountingLoad.size(n, version);
      DamageFiles.writePlain(master(n), Content.bytes(KEY_SPACE.get(n), version, size), size);
    }
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_NATIVE, false", "FS_JAVA, true", "FS_NATIVE, true"})
  void operationsThatRaceTheScanLeaveNoPhantomAndForgetNoFile(Engine engine, boolean shared)
      throws IOException, InterruptedException, ExecutionException {
    Path base = Files.createDirectory(root.resolve("l2"));
    for (int n = 0; n < FILES; n++) {
      Files.createLink(DamageFiles.of(base, KEY_SPACE.get(n)), master(n));
    }
    for (int n = 0; n < QUIET; n++) {
      byte[] payload = Content.bytes(quiet(n), 0, QUIET_BYTES);
      DamageFiles.writePlain(DamageFiles.of(base, quiet(n)), payload, QUIET_BYTES);
    }
    AccountingListener listener = new AccountingListener();
    Map<ObjectKey, Long> disk;
    try (FileAdapter adapter = FileAdapter.open(engine, base, listener, "\"shared\": " + shared)) {
      Map<String, Integer> counts = run(adapter);
      assertThat(racing.get()).as("operations while it was scanning").isGreaterThan(50);
      assertThat(counts.keySet())
          .contains("store REPLACE STORED", "load LOADED", "hit", "delete DELETED");
      adapter.recovered();
      disk = KEY_SPACE.onDisk(base);
      for (int n = 0; n < QUIET; n++) {
        disk.put(quiet(n), Files.size(DamageFiles.of(base, quiet(n))));
      }
      assertThat(disk.size()).isGreaterThan(FILES / 2);
      assertThat(adapter.counter("recovered_objects")).isGreaterThan(FILES / 2);
      assertThat(adapter.list()).as("listing and disk").isEqualTo(disk);
      AdapterUsage usage = adapter.usage();
      assertThat(usage.storedBytes()).as("bytes").isEqualTo(AccountingKeys.sum(disk));
      assertThat(usage.storedObjects()).as("objects").isEqualTo(disk.size());
      assertThat(usage.bytesBySalt()).as("by salt").isEqualTo(AccountingKeys.bySalt(disk));
      assertThat(usage.inFlightBytes()).as("in flight").isZero();
      assertThat(adapter.adapter().loans()).as("loans").isZero();
      for (ObjectKey key : KEY_SPACE.all()) {
        assertThat(adapter.lookup(key)).as("lookup of %s", key).isEqualTo(disk.get(key));
      }
      assertThat(adapter.usage().storedBytes()).as("bytes").isEqualTo(usage.storedBytes());
    }
    assertThat(listener.faults()).as("events that contradict each other").isEmpty();
    assertThat(listener.known()).as("what the events tell").isEqualTo(disk);
  }

  private Map<String, Integer> run(FileAdapter adapter)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Map<String, Integer>>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        AccountingLoad load = new AccountingLoad(adapter, KEY_SPACE, SEED + t);
        int share = t;
        running.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < LEAST_OPERATIONS || adapter.usage().recovering(); i++) {
                    load.step();
                    assertQuietIsThere(adapter, (i * THREADS + share) % QUIET);
                    if (adapter.usage().recovering()) {
                      racing.incrementAndGet();
                    }
                  }
                  return load.counts();
                }));
      }
      Map<String, Integer> counts = new TreeMap<>();
      for (Future<Map<String, Integer>> one : running) {
        one.get().forEach((what, count) -> counts.merge(what, count, Integer::sum));
      }
      return counts;
    } finally {
      threads.shutdownNow();
    }
  }

  /** From the first millisecond on, whether the scan has met it or not. */
  private static void assertQuietIsThere(FileAdapter adapter, int n) {
    assertThat(adapter.lookup(quiet(n))).as("lookup of quiet object %d", n).isEqualTo(QUIET_BYTES);
    if (n % 4 == 0) {
      adapter.mustLoad(quiet(n), 0, QUIET_BYTES);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.CheckKind;
import io.lmcache.l2.fs.CheckReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks, and repairs, of a directory in which an adapter replaces and deletes objects all the time
 * call nothing a problem and remove nothing.
 */
@Tag("native")
final class FsckRaceTest {

  private static final int KEYS = 8;
  private static final int SIZE = 20_000;
  private static final int LEAST = 1000;
  private static final int MOST = 100_000;

  @TempDir Path dir;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong replaced = new AtomicLong();
  private final AtomicLong deleted = new AtomicLong();

  private static ObjectKey key(int n) {
    return Content.key("org/fsck", n);
  }

  /** Each of two threads has its own keys, so that it knows what is there in the end. */
  private Void write(FileAdapter adapter, int first) {
    for (int i = 0; !over.get() || i % KEYS != 0; i++) {
      for (int n = first; n < KEYS; n += 2) {
        MemoryObject object = Content.of(key(n), i % 2, SIZE - i % 2);
        assertThat(adapter.store(key(n), object, StoreMode.REPLACE)).isEqualTo(StoreOutcome.STORED);
        replaced.incrementAndGet();
        if ((i + n) % 3 == 0) {
          assertThat(adapter.delete(key(n))).isEqualTo(DeleteOutcome.DELETED);
          deleted.incrementAndGet();
        }
      }
    }
    for (int n = first; n < KEYS; n += 2) {
      assertThat(adapter.store(key(n), Content.of(key(n), 3, SIZE), StoreMode.REPLACE))
          .isEqualTo(StoreOutcome.STORED);
    }
    return null;
  }

  @SuppressWarnings("SystemOut") // So that a log tells how much was met.
  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_NATIVE, false", "FS_JAVA, true", "FS_NATIVE, true"})
  void whatIsReplacedAndDeletedMeanwhileIsNoProblem(Engine engine, boolean repair)
      throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(2);
    Map<CheckKind, Long> seen = new EnumMap<>(CheckKind.class);
    long checks = 0;
    try (FileAdapter adapter = FileAdapter.open(engine, dir, "\"shared\": " + repair)) {
      List<Future<Void>> writing =
          IntStream.range(0, 2)
              .mapToObj(first -> writers.submit(() -> write(adapter, first)))
              .toList();
      while ((checks < LEAST
              || replaced.get() < LEAST
              || deleted.get() < LEAST / 3
              || !seen.containsKey(CheckKind.STAGING_LIVING))
          && checks < MOST) {
        CheckReport report = Fsck.run(dir, repair);
        assertThat(report.findings()).isEmpty();
        assertThat(report.isClean()).isTrue();
        for (CheckKind kind : CheckKind.values()) {
          if (report.of(kind).files() > 0) {
            seen.merge(kind, report.of(kind).files(), Long::sum);
          }
        }
        checks++;
      }
      over.set(true);
      for (Future<Void> one : writing) {
        one.get();
      }
      for (int n = 0; n < KEYS; n++) {
        adapter.mustLoad(key(n), 3, SIZE);
      }
      assertThat(adapter.counter("corrupt")).isZero();
    } finally {
      over.set(true);
      writers.shutdown();
    }
    System.out.printf(
        "fsck race, %s, repair %s: %d checks, %d replaced, %d deleted, saw %s%n",
        engine, repair, checks, replaced.get(), deleted.get(), seen);
    assertThat(checks).isGreaterThanOrEqualTo(LEAST);
    assertThat(replaced.get()).isGreaterThanOrEqualTo(LEAST);
    assertThat(deleted.get()).isGreaterThanOrEqualTo(LEAST / 3);
    assertThat(seen).containsOnlyKeys(CheckKind.VERIFIED, CheckKind.STAGING_LIVING);
    assertThat(seen.get(CheckKind.VERIFIED)).isGreaterThanOrEqualTo(LEAST);
    assertThat(Fsck.check(dir).of(CheckKind.VERIFIED).files()).isEqualTo(KEYS);
  }
}

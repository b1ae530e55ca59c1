// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.Health;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A defect or bad memory that makes every file look damaged does not empty a cache. */
@Tag("native")
final class DamageLimitTest {

  private static final int SIZE = 5_000;
  private static final int REMOVED = 16;
  private static final int DAMAGED = 21;

  @TempDir Path root;

  private static ObjectKey key(int n) {
    return Content.key("org/limit", n);
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void filesBeyondTheLimitStayAndAreNoObjectsAnyMore(Engine engine, boolean shared)
      throws IOException {
    Path base = root.resolve("l2");
    DamageEvents events = new DamageEvents();
    try (FileAdapter adapter =
        FileAdapter.open(engine, base, events, "\"shared\": " + shared).recovered()) {
      for (int n = 0; n <= DAMAGED; n++) {
        adapter.mustStore(key(n), 1, SIZE);
      }
      for (int n = 0; n < DAMAGED; n++) {
        flip(DamageFiles.of(base, key(n)), n * 200);
      }
      List<String> before = snapshots(base);
      for (int n = 0; n < DAMAGED; n++) {
        assertThat(adapter.load(key(n), 1, SIZE)).isEqualTo(LoadOutcome.CORRUPT);
        AdapterStatus status = adapter.adapter().status();
        boolean kept = n >= REMOVED;
        assertThat(status.health()).isEqualTo(kept ? Health.DEGRADED : Health.OK);
        assertThat(status.reason().isBlank()).isEqualTo(!kept);
        assertThat(DamageFiles.snapshot(DamageFiles.of(base, key(n))))
            .as("file %d", n)
            .isEqualTo(kept ? before.get(n) : "nothing");
        assertThat(adapter.counter("corrupt")).isEqualTo(n + 1L);
        assertThat(adapter.counter("corrupt_kept")).isEqualTo(Math.max(0L, n + 1L - REMOVED));
        assertThat(adapter.usage().storedBytes()).isEqualTo((long) SIZE * (DAMAGED - n));
      }
      for (int n = 0; n < DAMAGED; n++) {
        assertThat(adapter.lookup(key(n))).as("lookup of object %d", n).isNull();
      }
      assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE);
      adapter.mustLoad(key(DAMAGED), 1, SIZE);
      storeAgain(adapter);
    }
    assertThat(events.heard().stream().filter(line -> line.startsWith("removed as corrupt")))
        .hasSize(DAMAGED);
  }

  /** Also in the place of those that stayed. */
  private static void storeAgain(FileAdapter adapter) {
    for (int n = 0; n < DAMAGED; n++) {
      assertThat(adapter.store(key(n), 2, SIZE, StoreMode.IF_ABSENT))
          .as("store of object %d", n)
          .isEqualTo(StoreOutcome.STORED);
      adapter.mustLoad(key(n), 2, SIZE);
      assertThat(adapter.lookup(key(n))).isEqualTo(SIZE);
    }
    assertThat(adapter.usage().storedBytes()).isEqualTo((long) SIZE * (DAMAGED + 1));
  }

  private static List<String> snapshots(Path base) throws IOException {
    List<String> all = new ArrayList<>();
    for (int n = 0; n < DAMAGED; n++) {
      all.add(DamageFiles.snapshot(DamageFiles.of(base, key(n))));
    }
    return all;
  }

  private static void flip(Path file, int offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), offset);
    }
  }
}

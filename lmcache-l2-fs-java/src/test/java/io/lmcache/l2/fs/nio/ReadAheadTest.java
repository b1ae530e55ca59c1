// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static io.lmcache.l2.fs.nio.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first read of a load. */
final class ReadAheadTest {

  @TempDir Path base;

  private static List<String> reads(StorageFixture f, int size) throws Exception {
    f.storage.put(key(size), filled(key(size), 1, size));
    f.calls.take();
    f.load(key(size), poisoned(size), 1);
    return f.calls.take().stream().filter(call -> call.startsWith("read")).toList();
  }

  @ParameterizedTest
  @CsvSource({"1000, 1000", "1000, 1001", "1, 4096", "4096, 3000000", "5000000, 100"})
  void isExactlySoLongThenComesTheRest(int readAhead, int size) throws Exception {
    FsJavaConfig config = Configs.in(base).readAheadSize(readAhead).make();
    try (StorageFixture f = new StorageFixture(config)) {
      List<String> reads = reads(f, size);
      int first = Math.min(readAhead, size);
      assertThat(reads.get(0)).isEqualTo("read object " + first + " at 0");
      assertThat(reads).hasSize(1 + (size - first + Transfer.PIECE - 1) / Transfer.PIECE);
      assertThat(f.detail("read_ahead_size"))
          .isEqualTo("requested=" + readAhead + " effective=true");
    }
  }

  @Test
  void isNotThereUnlessConfigured() throws Exception {
    try (StorageFixture f = new StorageFixture(Configs.in(base).make())) {
      assertThat(reads(f, Transfer.PIECE))
          .containsExactly("read object " + Transfer.PIECE + " at 0");
      assertThat(f.storage.details()).doesNotContainKey("read_ahead_size");
    }
  }
}

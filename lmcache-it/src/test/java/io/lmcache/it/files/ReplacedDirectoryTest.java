// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.LoadOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A directory that took the place of the one that was opened is another one's. */
@Tag("native")
final class ReplacedDirectoryTest {

  private static final int OBJECTS = 8;
  private static final int SIZE = 5000;

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatIsNotToPersistIsRemovedNowhereElse(Engine engine) throws Exception {
    Path base = dir.resolve("kv");
    Path moved = dir.resolve("moved");
    FileAdapter passing = FileAdapter.open(engine, base, "\"persist_enabled\": false").recovered();
    passing.mustStore(Content.key("passing", 1), 1, SIZE);
    Files.move(base, moved);

    try (FileAdapter other = FileAdapter.open(engine, base).recovered()) {
      for (int i = 0; i < OBJECTS; i++) {
        other.mustStore(Content.key("other", i), 1, SIZE);
      }
      passing.close();
      int loaded = 0;
      for (int i = 0; i < OBJECTS; i++) {
        loaded += other.load(Content.key("other", i), 1, SIZE) == LoadOutcome.LOADED ? 1 : 0;
      }
      assertThat(loaded).isEqualTo(OBJECTS);
    }
    try (FileAdapter old = FileAdapter.open(engine, moved).recovered()) {
      old.mustLoad(Content.key("passing", 1), 1, SIZE);
    }
  }
}

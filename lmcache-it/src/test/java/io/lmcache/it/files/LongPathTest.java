// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A directory so deep that the path of a long name is more than the system takes: who goes by path
 * cannot name that file, who goes by the directory can.
 */
@Tag("native")
final class LongPathTest {

  /** Of a path, with the zero at its end. */
  private static final int PATH_MAX = 4096;

  private static final int SIZE = 5000;

  @TempDir Path dir;

  private Path deep() {
    Path base = dir.toAbsolutePath();
    while (base.toString().length() < PATH_MAX - 400) {
      base = base.resolve("d".repeat(200));
    }
    return base.resolve("e".repeat(PATH_MAX - 200 - base.toString().length() - 1));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aNameThatIsTooLongForThePathFailsAlone(Engine engine) throws Exception {
    ObjectKey shortOne = Content.key("m", 1);
    ObjectKey longOne = Content.key("m".repeat(150), 2);
    ObjectKey last = Content.key("m", 3);
    try (FileAdapter adapter = FileAdapter.open(engine, deep()).recovered()) {
      StoreResult result =
          adapter.store(List.of(shortOne, longOne, last), 1, SIZE, StoreMode.IF_ABSENT);
      adapter.mustLoad(shortOne, 1, SIZE);
      adapter.mustLoad(last, 1, SIZE);
      if (engine == Engine.FS_NATIVE) {
        assertThat(result.outcome(1)).isEqualTo(StoreOutcome.STORED);
        adapter.mustLoad(longOne, 1, SIZE);
        // Nothing that goes by path could.
        assertThat(adapter.delete(longOne)).isEqualTo(DeleteOutcome.DELETED);
        return;
      }
      L2Error error = Objects.requireNonNull(result.error(1));
      assertThat(error.code()).isEqualTo(L2ErrorCode.UNSUPPORTED_KEY);
      assertThat(error.retry()).isEqualTo(Retry.NEVER);
      assertThat(error.nativeCode()).isEqualTo("ENAMETOOLONG");
      assertThat(error.text()).contains(deep().toString(), "File name too long (ENAMETOOLONG)");
      assertThat(adapter.load(longOne, 1, SIZE)).isEqualTo(LoadOutcome.FAILED);
      assertThat(adapter.adapter().status().failures())
          .containsExactly(
              new FailureCount("store", "ENAMETOOLONG", 1),
              new FailureCount("load", "ENAMETOOLONG", 1));
      assertThat(adapter.adapter().status().health()).isEqualTo(Health.OK);
      assertThat(adapter.usage().storedObjects()).isEqualTo(2);
      FaultyDiskAdapter.assertNothingStaged(deep());
    }
  }
}

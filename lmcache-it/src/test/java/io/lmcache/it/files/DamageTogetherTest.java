// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.DamageScene.SIZE;
import static io.lmcache.it.files.DamageScene.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kind of damage in one directory: what does not read an object's bytes does not judge them,
 * and what is not ours stays, whatever is asked of it.
 */
@Tag("native")
final class DamageTogetherTest {

  @TempDir Path root;

  /** One kind of damage in its scene. */
  private interface Meeting {
    void meet(DamageKind kind, DamageScene scene) throws IOException;
  }

  private DamageScene scene(DamageKind kind) {
    return DamageScene.of(root.resolve("l2"), Arrays.asList(DamageKind.values()).indexOf(kind));
  }

  private FileAdapter open(Engine engine, boolean shared) throws IOException {
    return FileAdapter.open(engine, root.resolve("l2"), "\"shared\": " + shared).recovered();
  }

  private void damageAll(FileAdapter adapter) throws IOException {
    for (DamageKind kind : DamageKind.values()) {
      scene(kind).fill(adapter);
    }
    for (DamageKind kind : DamageKind.values()) {
      kind.happenTo(scene(kind));
    }
  }

  private void forEach(Meeting meeting) {
    List<String> failures = new ArrayList<>();
    int met = 0;
    for (DamageKind kind : DamageKind.values()) {
      try {
        meeting.meet(kind, scene(kind));
      } catch (AssertionError | IOException | RuntimeException e) {
        failures.add(kind + ": " + e);
      }
      met++;
    }
    assertThat(failures).isEmpty();
    assertThat(met).as("kinds of damage").isGreaterThanOrEqualTo(45);
  }

  /** What somebody who asks the directory sees; null for a miss. */
  private static @Nullable Long visible(DamageKind kind) {
    return kind.visibleBytes() < 0 ? null : Long.valueOf(kind.visibleBytes());
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void lookupsAndListingsJudgeNoBytesAndTouchNothing(Engine engine, boolean shared)
      throws IOException {
    try (FileAdapter adapter = open(engine, shared)) {
      damageAll(adapter);
      Map<ObjectKey, Long> expected = new HashMap<>();
      String before = DamageFiles.snapshot(root);
      forEach(
          (kind, scene) -> {
            // Who has the directory to himself knows; who shares it asks.
            Long size = shared ? visible(kind) : Long.valueOf(SIZE);
            expected.put(scene.neighbour(), (long) SIZE);
            if (size != null) {
              expected.put(scene.key(), size);
            }
            assertThat(adapter.lookup(scene.key())).as("lookup").isEqualTo(size);
          });
      assertThat(adapter.list()).isEqualTo(expected);
      assertThat(DamageFiles.snapshot(root)).isEqualTo(before);
      assertThat(DamageCase.counters(adapter)).isEqualTo(DamageCase.only(null, 0));
    }
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void aStoreIfAbsentTakesWhatAgreesAndReplacesTheRest(Engine engine, boolean shared)
      throws IOException {
    try (FileAdapter adapter = open(engine, shared)) {
      damageAll(adapter);
      forEach((kind, scene) -> store(adapter, kind, scene, StoreMode.IF_ABSENT));
      assertOnlyForeignCounted(adapter);
    }
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void aStoreThatReplacesReplacesAllThatIsNotForeign(Engine engine, boolean shared)
      throws IOException {
    try (FileAdapter adapter = open(engine, shared)) {
      damageAll(adapter);
      forEach((kind, scene) -> store(adapter, kind, scene, StoreMode.REPLACE));
      assertOnlyForeignCounted(adapter);
    }
  }

  private static void store(FileAdapter adapter, DamageKind kind, DamageScene scene, StoreMode mode)
      throws IOException {
    String before = DamageFiles.snapshot(scene.file());
    String besideBefore = DamageFiles.snapshot(scene.neighbourFile());
    StoreItem item = new StoreItem(scene.key(), Content.of(scene.key(), VERSION + 1, SIZE));
    KeyResult<StoreOutcome> result =
        FileAdapter.await(
                adapter.adapter().store(new StoreRequest(List.of(item), mode, Options.DEFAULT)))
            .keys()
            .get(0);
    String after = DamageFiles.snapshot(scene.file());
    if (kind.row().isForeign()) {
      assertThat(result.outcome()).isEqualTo(StoreOutcome.FAILED);
      assertRefusal(result.error());
      assertThat(after).as("what is not ours").isEqualTo(before);
    } else if (mode == StoreMode.IF_ABSENT && kind.isTakenForObject()) {
      assertThat(result.outcome()).isEqualTo(StoreOutcome.ALREADY_PRESENT);
      assertThat(after).as("what was there").isEqualTo(before);
    } else {
      assertThat(result.outcome()).isEqualTo(StoreOutcome.STORED);
      adapter.mustLoad(scene.key(), VERSION + 1, SIZE);
      assertThat(adapter.lookup(scene.key())).isEqualTo(SIZE);
      assertThat(DamageFiles.readAttribute(scene.file()))
          .isEqualTo(
              DamageFiles.attribute(
                  scene.key(), SIZE, Content.bytes(scene.key(), VERSION + 1, SIZE)));
    }
    assertThat(DamageFiles.snapshot(scene.neighbourFile()))
        .as("the file beside it")
        .isEqualTo(besideBefore);
    if (kind == DamageKind.LINK_TO_HEALTHY) {
      assertThat(Files.readAllBytes(scene.beside("healthy"))).isEqualTo(scene.payload());
    }
    assertThat(Files.exists(scene.beside("missing"))).as("where a link leads").isFalse();
  }

  private static void assertRefusal(@Nullable L2Error error) {
    assertThat(error).isNotNull();
    if (error != null) {
      assertThat(error.code()).isEqualTo(L2ErrorCode.ACCESS);
      assertThat(error.retry()).isEqualTo(Retry.NEVER);
      assertThat(error.nativeCode()).isEqualTo("EEXIST");
    }
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void aDeleteRemovesWhatIsOursHoweverDamagedAndNothingElse(Engine engine, boolean shared)
      throws IOException {
    try (FileAdapter adapter = open(engine, shared)) {
      damageAll(adapter);
      long[] left = {adapter.usage().storedObjects()};
      forEach(
          (kind, scene) -> {
            boolean foreign = kind.row().isForeign();
            String before = DamageFiles.snapshot(scene.file());
            assertThat(adapter.delete(scene.key()))
                .isEqualTo(
                    foreign || kind.row() == DamageRow.NOTHING
                        ? DeleteOutcome.ABSENT
                        : DeleteOutcome.DELETED);
            assertThat(DamageFiles.snapshot(scene.file())).isEqualTo(foreign ? before : "nothing");
            left[0]--;
            assertThat(adapter.usage().storedObjects()).as("objects").isEqualTo(left[0]);
          });
      assertOnlyForeignCounted(adapter);
    }
  }

  /** Whether also a store or a delete that meets what is foreign counts it is left open. */
  private static void assertOnlyForeignCounted(FileAdapter adapter) {
    Map<String, Long> counters = DamageCase.counters(adapter);
    counters.put("foreign", 0L);
    assertThat(counters).isEqualTo(DamageCase.only(null, 0));
  }
}

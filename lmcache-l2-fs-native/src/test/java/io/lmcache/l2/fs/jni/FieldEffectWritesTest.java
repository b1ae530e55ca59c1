// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.UNIT;
import static io.lmcache.l2.fs.jni.FieldEffects.alignedPoison;
import static io.lmcache.l2.fs.jni.FieldEffects.counter;
import static io.lmcache.l2.fs.jni.FieldEffects.detail;
import static io.lmcache.l2.fs.jni.FieldEffects.moves;
import static io.lmcache.l2.fs.jni.FieldEffects.open;
import static io.lmcache.l2.fs.jni.FieldEffects.storeAligned;
import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The fields that say how files are written, by the calls that the C++ threads make. */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class FieldEffectWritesTest {

  private static final int MIB = 1 << 20;
  private static final int EOPNOTSUPP = 95;

  @RegisterExtension final LoggedBy logged = new LoggedBy(LMCacheFSClient.class);
  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Fsync.class)
  void fsyncSaysWhatIsSyncedAndWhen(Fsync fsync) throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).fsync(fsync))) {
      assertThat(detail(adapter, "fsync"))
          .startsWith("requested=" + fsync.name().toLowerCase(Locale.ROOT));
      NativeSeam.startTrace();
      StoreResult stored = store(adapter, keys(1), 1, 1000);
      String trace = NativeSeam.takeTrace();
      assertThat(stored.outcome(0)).isEqualTo(StoreOutcome.STORED);
      List<String> order =
          trace
              .lines()
              .filter(line -> line.matches("(pwrite|fsetxattr|fdatasync|fsync|rename).*"))
              .toList();
      assertThat(order)
          .isEqualTo(
              switch (fsync) {
                case NONE -> List.of("pwrite 1000@0", "fsetxattr", "rename");
                case DATA -> List.of("pwrite 1000@0", "fsetxattr", "fdatasync", "rename");
                case FULL -> List.of("pwrite 1000@0", "fsetxattr", "fdatasync", "rename", "fsync");
              });
    }
  }

  @Test
  void relativeTmpDirIsWhereFilesAreStaged() throws Exception {
    for (String staging : List.of("", "tmp", "tmp/further/below")) {
      Path base = dir.resolve("base of " + staging.length());
      try (L2Adapter adapter = open(FsNativeConfigs.at(base).tmpDir(staging))) {
        assertThat(detail(adapter, "relative_tmp_dir")).isEqualTo(staging);
        NativeSeam.hold(NativeSeam.RENAME);
        var stored = adapter.store(TestObjects.storeRequest(keys(1), 1, 1000, StoreMode.REPLACE));
        NativeSeam.awaitHeld(1);
        try (var files = Files.list(base.resolve(staging))) {
          assertThat(files.map(file -> file.getFileName().toString()))
              .as("while the rename is held")
              .filteredOn(name -> name.endsWith(".tmp"))
              .hasSize(1);
        }
        assertThat(FieldEffects.files(base)).isEmpty();
        NativeSeam.release();
        assertThat(TestObjects.await(stored).outcome(0)).isEqualTo(StoreOutcome.STORED);
        assertThat(FieldEffects.file(base)).hasParent(base);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(UseOdirect.class)
  void useOdirectOpensPastThePageCache(UseOdirect mode) throws Exception {
    NativeSeam.setResidentPages(0);
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).direct(mode))) {
      String direct = mode == UseOdirect.OFF ? "" : " direct";
      NativeSeam.startTrace();
      StoreResult stored = storeAligned(adapter, key(0), UNIT, UNIT);
      String storing = NativeSeam.takeTrace();
      MemoryObject into = alignedPoison(UNIT, UNIT);
      NativeSeam.startTrace();
      var loaded = TestObjects.load(adapter, keys(1), List.of(into));
      String loading = NativeSeam.takeTrace();
      assertThat(stored.outcome(0)).isEqualTo(StoreOutcome.STORED);
      assertThat(loaded.outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertHolds(into, key(0), 1);
      assertThat(moves(storing)).containsExactly("create" + direct, "pwrite 4096@0");
      assertThat(moves(loading)).containsExactly("open" + direct, "pread 4096@0");
      assertThat(counter(adapter, "direct_stores")).isEqualTo(direct.isEmpty() ? 0 : 1);
      assertThat(counter(adapter, "direct_loads")).isEqualTo(direct.isEmpty() ? 0 : 1);
      assertThat(detail(adapter, "odirect"))
          .isEqualTo("requested=" + mode.requested() + (direct.isEmpty() ? "" : " effective=true"));
      assertThat(adapter.limits().lengthAlignment() > 1).isEqualTo(mode != UseOdirect.OFF);

      StoreResult unpadded = storeAligned(adapter, key(1), UNIT + 1, UNIT + 1);
      if (mode == UseOdirect.REQUIRE) {
        assertThat(why(unpadded.error(0)).code()).isEqualTo(L2ErrorCode.MISALIGNED);
      } else {
        assertThat(unpadded.outcome(0)).isEqualTo(StoreOutcome.STORED);
      }
    }
  }

  @Test
  void aUnitOf4MiBAsOfALargeFileSystem() throws Exception {
    NativeSeam.setDioAlign(UNIT, 4 * MIB);
    NativeSeam.setResidentPages(0);
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).direct(UseOdirect.ON))) {
      assertThat(adapter.limits().lengthAlignment()).isEqualTo(4 * MIB);
      assertThat(adapter.limits().memoryAlignment()).isEqualTo(UNIT);
      assertThat(detail(adapter, "direct_alignment"))
          .startsWith("memory=4096 length=4194304 block_size=");
      // Unpadded 6 MiB fall back, 8 MiB do not, 6 MiB padded to 8 do not either.
      assertMoved(adapter, key(0), 6 * MIB, 6 * MIB, false);
      assertThat(counter(adapter, "odirect_fallback_length")).isEqualTo(2);
      assertMoved(adapter, key(1), 8 * MIB, 8 * MIB, true);
      assertMoved(adapter, key(2), 6 * MIB, 8 * MIB, true);
      assertThat(counter(adapter, "odirect_fallback_length")).isEqualTo(2);
      assertThat(counter(adapter, "direct_stores")).isEqualTo(2);
      assertThat(counter(adapter, "direct_loads")).isEqualTo(2);
    }
    assertThat(logged.messages())
        .singleElement()
        .asString()
        .contains("test: ", "no multiple of 4194304", "--l1-align-bytes");
  }

  private void assertMoved(L2Adapter adapter, ObjectKey key, int size, int physical, boolean direct)
      throws Exception {
    NativeSeam.startTrace();
    StoreResult stored = storeAligned(adapter, key, size, physical);
    String storing = NativeSeam.takeTrace();
    MemoryObject into = alignedPoison(size, physical);
    NativeSeam.startTrace();
    var loaded = TestObjects.load(adapter, List.of(key), List.of(into));
    String loading = NativeSeam.takeTrace();
    assertThat(stored.outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(loaded.outcome(0)).isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, key, 1);
    assertThat(storing.contains("create direct")).as(storing).isEqualTo(direct);
    assertThat(loading.contains("open direct")).as(loading).isEqualTo(direct);
    assertThat(storing.contains("ftruncate")).isEqualTo(direct && physical > size);
    assertThat(Files.size(dir.resolve(ObjectFileNames.encode(key)))).isEqualTo(size);
  }

  @Test
  void everyFallbackIsCountedAndLoggedOnce() throws Exception {
    NativeSeam.setResidentPages(0);
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).direct(UseOdirect.ON))) {
      for (int i = 0; i < 5; i++) {
        assertThat(storeAligned(adapter, key(i), UNIT + 1, UNIT + 1).outcome(0))
            .isEqualTo(StoreOutcome.STORED);
      }
      for (int i = 5; i < 8; i++) {
        NativeSeam.fail(NativeSeam.WRITE, 1, EOPNOTSUPP);
        assertThat(storeAligned(adapter, key(i), UNIT, UNIT).outcome(0))
            .isEqualTo(StoreOutcome.STORED);
      }
      assertThat(counter(adapter, "odirect_fallback_length")).isEqualTo(5);
      assertThat(counter(adapter, "odirect_fallback_errno")).isEqualTo(3);
      assertThat(counter(adapter, "direct_stores")).isZero();
    }
    assertThat(logged.messages()).hasSize(2);
    assertThat(logged.messages().get(0)).contains("no multiple of");
    assertThat(logged.messages().get(1)).contains("refused with EOPNOTSUPP");
  }

  @Test
  void aFileSystemThatCachesIsSaidToAndCounted() throws Exception {
    NativeSeam.setResidentPages(1);
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).direct(UseOdirect.ON))) {
      assertThat(detail(adapter, "odirect"))
          .startsWith("requested=true effective=false reason=cached on ");
      assertThat(adapter.limits().lengthAlignment()).isEqualTo(1);
      for (int i = 0; i < 3; i++) {
        storeAligned(adapter, key(i), UNIT, UNIT);
      }
      assertThat(counter(adapter, "odirect_fallback_fs")).isEqualTo(3);
    }
    assertThat(logged.messages())
        .singleElement()
        .asString()
        .contains("O_DIRECT is not effective", "cached");
  }
}

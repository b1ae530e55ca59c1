// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.PASSING;
import static io.lmcache.l2.fs.jni.FieldEffects.SHARED;
import static io.lmcache.l2.fs.jni.FieldEffects.counter;
import static io.lmcache.l2.fs.jni.FieldEffects.detail;
import static io.lmcache.l2.fs.jni.FieldEffects.file;
import static io.lmcache.l2.fs.jni.FieldEffects.files;
import static io.lmcache.l2.fs.jni.FieldEffects.open;
import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The fields that say which files there are and who uses them; and the counters of files. */
@Tag("native")
final class FieldEffectFilesTest {

  private static final int SIZE = 5000;

  @TempDir Path dir;

  private Path place(ObjectKey key) throws Exception {
    return dir.resolve(ObjectFileNames.encode(key));
  }

  private static void flipFirstByte(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, 0);
      one.put(0, (byte) ~one.get(0)).flip();
      channel.write(one, 0);
    }
  }

  private static LoadOutcome load1(L2Adapter adapter, ObjectKey key, int size) {
    return load(adapter, List.of(key), List.of(poisoned(size))).outcome(0);
  }

  @ParameterizedTest
  @EnumSource(Checksum.class)
  void checksumDecidesWhetherChangedBytesAreDelivered(Checksum checksum) throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).checksum(checksum))) {
      store(adapter, keys(2), 1, SIZE);
      flipFirstByte(place(key(0)));
      MemoryObject into = poisoned(SIZE);
      LoadOutcome outcome = load(adapter, keys(1), List.of(into)).outcome(0);
      if (checksum == Checksum.NONE) {
        assertThat(outcome).isEqualTo(LoadOutcome.LOADED);
        assertThat(into.buffer().get(0)).isEqualTo((byte) ~TestObjects.expected(key(0), 1, 0));
        assertThat(counter(adapter, "corrupt")).isZero();
        assertThat(detail(adapter, "checksum")).isEqualTo("requested=none");
      } else {
        assertThat(outcome).isEqualTo(LoadOutcome.CORRUPT);
        assertThat(place(key(0))).doesNotExist();
        assertThat(counter(adapter, "corrupt")).isEqualTo(1);
        assertThat(detail(adapter, "checksum")).isEqualTo("requested=crc32c effective=true");
      }
      MemoryObject whole = poisoned(SIZE);
      assertThat(load(adapter, List.of(key(1)), List.of(whole)).outcome(0))
          .isEqualTo(LoadOutcome.LOADED);
      assertHolds(whole, key(1), 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void hashSubdirLevelsIsHowDeepFilesAre(int levels) throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir).levels(levels))) {
      List<ObjectKey> keys =
          IntStream.range(0, 20)
              .mapToObj(i -> ObjectKey.of(new byte[] {(byte) i, (byte) -i, 1}, "org/model", 0))
              .toList();
      assertThat(store(adapter, keys, 1, SIZE).count(StoreOutcome.STORED)).isEqualTo(20);
      assertThat(files(dir))
          .hasSize(20)
          .allSatisfy(
              file -> assertThat(dir.relativize(file).getNameCount()).isEqualTo(levels + 1));
      assertThat(files(dir).stream().map(Path::getParent).distinct().count())
          .isGreaterThan(levels == 0 ? 0 : 5);
      assertThat(detail(adapter, "hash_subdir_levels")).isEqualTo(Integer.toString(levels));
    }
  }

  @Test
  void basePathIsWhereTheFilesAre() throws Exception {
    Path base = dir.resolve("made/with parents");
    try (L2Adapter adapter = open(FsNativeConfigs.at(base))) {
      store(adapter, keys(1), 1, SIZE);
      assertThat(file(base)).hasSize(SIZE);
      assertThat(detail(adapter, "base_path")).isEqualTo(base.toString());
    }
  }

  @Test
  void sharedLetsOthersIn() throws Exception {
    try (L2Adapter first = open(FsNativeConfigs.at(dir), SHARED);
        L2Adapter second = open(FsNativeConfigs.at(dir), SHARED)) {
      store(first, keys(1), 1, SIZE);
      assertThat(load1(second, key(0), SIZE)).isEqualTo(LoadOutcome.LOADED);
      assertThat(detail(second, "ownership")).isEqualTo("shared");
      assertThat(detail(second, "owners")).isEqualTo("2");
      assertRefused(() -> open(FsNativeConfigs.at(dir)));
    }
    try (L2Adapter alone = open(FsNativeConfigs.at(dir))) {
      assertThat(detail(alone, "ownership")).isEqualTo("exclusive");
      assertRefused(() -> open(FsNativeConfigs.at(dir)));
      assertRefused(() -> open(FsNativeConfigs.at(dir), SHARED));
    }
  }

  private static void assertRefused(ThrowingCallable open) {
    assertThatThrownBy(open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is in use by pid " + ProcessHandle.current().pid())
        .hasMessageContaining("set \"shared\": true in both");
  }

  @Test
  void persistEnabledSaysWhetherFilesStay() throws Exception {
    Path foreign = Files.writeString(Files.createDirectories(dir).resolve("notes.txt"), "keep");
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      store(adapter, keys(3), 1, SIZE);
      assertThat(detail(adapter, "persist_enabled")).isEqualTo("true");
    }
    assertThat(files(dir)).as("persist_enabled: true").hasSize(3);
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir), PASSING)) {
      assertThat(detail(adapter, "persist_enabled")).isEqualTo("requested=false effective=true");
      assertThat(files(dir)).as("of an earlier run").isEmpty();
      store(adapter, keys(4), 1, SIZE);
      assertThat(files(dir)).hasSize(4);
    }
    assertThat(files(dir)).as("persist_enabled: false").isEmpty();
    assertThat(foreign).hasContent("keep");
  }

  @Test
  void whatIsRemovedOfAnEarlierRunIsSaidOnceAtOpen() throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      store(adapter, keys(3), 1, SIZE);
    }
    Logger logger = (Logger) LoggerFactory.getLogger("io.lmcache.l2.fs");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    try {
      try (L2Adapter adapter = open(FsNativeConfigs.at(dir), PASSING)) {
        String removing = ": persist_enabled is false: removing 3 objects of an earlier run";
        assertThat(log.list).singleElement().asString().isEqualTo("[WARN] " + dir + removing);
        store(adapter, keys(4), 1, SIZE);
      }
      open(FsNativeConfigs.at(dir), PASSING).close();
      assertThat(log.list).as("nor is more said at close, or where nothing was left").hasSize(1);
    } finally {
      logger.setAdditive(true);
      logger.detachAppender(log);
    }
  }

  @Test
  void countersCountWhatTheyName() throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      for (String name :
          List.of("corrupt", "corrupt_kept", "unverified", "foreign", "empty", "size_mismatch")) {
        assertThat(counter(adapter, name)).as(name).isZero();
      }
      Files.write(place(key(0)), new byte[SIZE]);
      assertThat(load1(adapter, key(0), SIZE)).isEqualTo(LoadOutcome.LOADED);
      assertThat(counter(adapter, "unverified")).isEqualTo(1);

      Files.createDirectory(place(key(1)));
      assertThat(store(adapter, List.of(key(1)), 1, SIZE).outcome(0))
          .isEqualTo(StoreOutcome.FAILED);
      assertThat(counter(adapter, "foreign")).isEqualTo(1);

      Files.createFile(place(key(2)));
      assertThat(load1(adapter, key(2), SIZE)).isEqualTo(LoadOutcome.NOT_FOUND);
      assertThat(counter(adapter, "empty")).isEqualTo(1);

      store(adapter, List.of(key(3)), 1, SIZE);
      assertThat(load1(adapter, key(3), SIZE + 1)).isEqualTo(LoadOutcome.SIZE_MISMATCH);
      assertThat(counter(adapter, "size_mismatch")).isEqualTo(1);
      assertThat(counter(adapter, "corrupt")).isZero();
    }
  }

  @Test
  void manyCorruptFilesAreKeptAndSaidToBe() throws Exception {
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      store(adapter, keys(20), 1, SIZE);
      for (ObjectKey key : keys(20)) {
        flipFirstByte(place(key));
        assertThat(adapter.status().health())
            .isEqualTo(counter(adapter, "corrupt") > 16 ? Health.DEGRADED : Health.OK);
        assertThat(load1(adapter, key, SIZE)).isEqualTo(LoadOutcome.CORRUPT);
      }
      assertThat(counter(adapter, "corrupt")).isEqualTo(20);
      assertThat(counter(adapter, "corrupt_kept")).isEqualTo(4);
      assertThat(files(dir)).hasSize(4);
      assertThat(adapter.status().reason()).contains("16 corrupt files");
    }
  }

  @Test
  void whatTheScanMeetsIsCounted() throws Exception {
    Files.createFile(place(key(0)));
    Files.writeString(dir.resolve("notes.txt"), "keep");
    try (L2Adapter adapter = open(FsNativeConfigs.at(dir))) {
      while (adapter.usage().recovering()) {
        Thread.onSpinWait();
      }
      assertThat(counter(adapter, "empty_files")).isEqualTo(1);
      assertThat(counter(adapter, "foreign_files")).isEqualTo(1);
      assertThat(counter(adapter, "old_names")).isZero();
      assertThat(counter(adapter, "swept_staging_files")).isZero();
      assertThat(detail(adapter, "attributes")).isEqualTo("yes");
      assertThat(detail(adapter, "locks")).isEqualTo("yes");
      assertThat(detail(adapter, "library")).isNotEmpty();
      assertThat(detail(adapter, "file_system")).isEqualTo(Files.getFileStore(dir).type());
    }
  }
}

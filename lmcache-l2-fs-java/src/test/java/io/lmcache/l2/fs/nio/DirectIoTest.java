// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.StorageFixture.errorOf;
import static io.lmcache.l2.fs.nio.TestObjects.bytes;
import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static io.lmcache.l2.fs.nio.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Files that are read and written past the page cache. */
final class DirectIoTest {

  private static final int UNIT = 4096;

  @TempDir Path base;

  private StorageFixture open(UseOdirect wanted) throws IOException {
    StorageFixture f = new StorageFixture(Configs.in(base).useOdirect(wanted).make());
    boolean effective = f.detail("odirect").contains("effective=true");
    if (wanted != UseOdirect.OFF && !effective) {
      f.close();
      // On a machine that builds releases this must be tested, elsewhere it may not be possible.
      assertThat(System.getenv("CI")).as("direct I/O at %s", base).isNull();
      assumeTrue(effective, "no direct I/O at " + base + ": " + f.detail("odirect"));
    }
    return f;
  }

  @Test
  void offAsksForNothing() throws Exception {
    try (StorageFixture f = open(UseOdirect.OFF)) {
      assertThat(f.storage.limits().memoryAlignment()).isEqualTo(1);
      assertThat(f.storage.limits().lengthAlignment()).isEqualTo(1);
      f.storage.put(key(1), filled(key(1), 1, UNIT, UNIT, 8));
      f.load(key(1), poisoned(UNIT, UNIT, 24), 1);
      assertThat(f.calls.take()).noneMatch(call -> call.contains("direct")).contains("open object");
      assertThat(f.detail("odirect")).isEqualTo("requested=false");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = UseOdirect.class,
      names = {"ON", "REQUIRE"})
  void wholeUnitsGoPastTheCache(UseOdirect wanted) throws Exception {
    try (StorageFixture f = open(wanted)) {
      assertThat(f.storage.limits().memoryAlignment()).isEqualTo(UNIT);
      assertThat(f.storage.limits().lengthAlignment()).isEqualTo(UNIT);
      int size = 3 * Transfer.PIECE + UNIT;
      f.storage.put(key(1), filled(key(1), 1, size));
      f.load(key(1), poisoned(size), 1);
      List<String> calls = f.calls.take();
      assertThat(calls).contains("create staged direct", "open object direct");
      assertThat(calls).filteredOn(call -> call.startsWith("write")).hasSize(4);
      assertThat(calls).filteredOn(call -> call.startsWith("read")).hasSize(4);
      assertThat(Files.readAllBytes(f.file(key(1)))).isEqualTo(bytes(key(1), 1, size));
    }
  }

  /** Padding lets any length stay direct, and is no part of the file. */
  @ParameterizedTest
  @ValueSource(ints = {1, 511, 4095, 4097, 10_001, (2 << 20) + 3})
  void paddedObjectsStayDirect(int size) throws Exception {
    int physical = (size + UNIT - 1) / UNIT * UNIT;
    try (StorageFixture f = open(UseOdirect.REQUIRE)) {
      f.storage.put(key(1), filled(key(1), 1, size, physical, 0));
      assertThat(Files.readAllBytes(f.file(key(1)))).isEqualTo(bytes(key(1), 1, size));
      f.load(key(1), poisoned(size, physical, 0), 1);
      assertThat(f.calls.take())
          .contains("create staged direct", "truncate staged " + size, "open object direct");
      assertThat(f.detail("odirect_fallback_length")).isEqualTo("0");
      assertThat(f.detail("direct_stores")).isEqualTo("1");
      assertThat(f.detail("direct_loads")).isEqualTo("1");
    }
  }

  /** Without padding it is buffered and counted, and then its address does not matter. */
  @Test
  void otherLengthsAreBufferedAndCounted() throws Exception {
    int size = UNIT + 1;
    try (StorageFixture f = open(UseOdirect.ON)) {
      f.storage.put(key(1), filled(key(1), 1, size, size, 8));
      f.load(key(1), poisoned(size, size, 8), 1);
      f.storage.put(key(2), filled(key(2), 1, 0));
      f.load(key(2), poisoned(0), 1);
      assertThat(f.storage.get(key(1), poisoned(size + 1))).isEqualTo(LoadOutcome.SIZE_MISMATCH);
      assertThat(f.calls.take()).noneMatch(call -> call.contains("direct"));
      assertThat(f.detail("odirect_fallback_length")).isEqualTo("2");
      assertThat(f.detail("direct_stores")).isEqualTo("0");
      assertThat(f.detail("direct_loads")).isEqualTo("0");
    }
    try (StorageFixture f = open(UseOdirect.REQUIRE)) {
      L2Error store = errorOf(() -> f.storage.put(key(3), filled(key(3), 1, size)));
      L2Error load = errorOf(() -> f.storage.get(key(1), poisoned(size)));
      assertThat(List.of(store.code(), load.code())).containsOnly(L2ErrorCode.MISALIGNED);
      assertThat(store.text()).contains("4097", "4096", "require");
      assertThat(f.files()).hasSize(2);
    }
  }

  @Test
  void fallbacksAreLoggedOnceForEachReason() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(DirectIo.class);
    Level before = logger.getLevel();
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    logger.addAppender(appender);
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    try (StorageFixture f = open(UseOdirect.ON)) {
      for (int i = 0; i < 5; i++) {
        f.storage.put(key(i), filled(key(i), 1, UNIT + 1));
      }
      assertThat(f.detail("odirect_fallback_length")).isEqualTo("5");
      assertThat(f.detail("direct_stores")).isEqualTo("0");
      assertThat(f.detail("direct_loads")).isEqualTo("0");
      assertThat(appender.list)
          .singleElement()
          .satisfies(e -> assertThat(e.getFormattedMessage()).contains("test", "4097"));
    } finally {
      logger.setAdditive(true);
      logger.setLevel(before);
      logger.detachAppender(appender);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = UseOdirect.class,
      names = {"ON", "REQUIRE"})
  void aMisalignedAddressIsAnError(UseOdirect wanted) throws Exception {
    try (StorageFixture f = open(wanted)) {
      f.storage.put(key(1), filled(key(1), 1, UNIT));
      for (L2Error error :
          List.of(
              errorOf(() -> f.storage.put(key(2), filled(key(2), 1, UNIT, UNIT, 512))),
              errorOf(() -> f.storage.get(key(1), poisoned(UNIT, UNIT, 512))))) {
        assertThat(error.code()).isEqualTo(L2ErrorCode.MISALIGNED);
        assertThat(error.retry()).isEqualTo(Retry.NEVER);
        assertThat(error.nativeCode()).isEqualTo("EINVAL");
        assertThat(error.text()).contains("4096", "512", "--l1-align-bytes", ".data");
      }
      assertThat(f.files()).hasSize(1);
    }
  }

  /** A file that is refused later is buffered; no store is lost and no half of one stays. */
  @ParameterizedTest
  @CsvSource({
    "create staged direct, Invalid argument",
    "create staged direct, Operation not supported",
    "write staged 4096 at 0, Invalid argument",
    "open object direct, Operation not permitted",
    "read object 4096 at 0, Position is not a multiple of the block size"
  })
  void oneFileThatIsRefusedIsBuffered(String call, String words) throws Exception {
    boolean store = call.contains("staged");
    String once = call;
    try (StorageFixture f = open(UseOdirect.ON)) {
      if (!store) {
        f.storage.put(key(1), filled(key(1), 1, UNIT));
      }
      f.calls.failOnce(once, new IOException(words));
      if (store) {
        f.storage.put(key(1), filled(key(1), 1, UNIT));
      }
      f.load(key(1), poisoned(UNIT), 1);
      assertThat(f.detail("odirect_fallback_errno")).isEqualTo("1");
      assertThat(f.calls.take()).contains(store ? "create staged" : "open object");
      assertThat(f.files()).hasSize(1);
    }
    try (StorageFixture f = open(UseOdirect.REQUIRE)) {
      f.calls.failOnce(once, new IOException(words));
      L2Error error =
          store
              ? errorOf(() -> f.storage.put(key(2), filled(key(2), 1, UNIT)))
              : errorOf(() -> f.storage.get(key(1), poisoned(UNIT)));
      assertThat(error.text()).contains(words, "require");
      assertThat(f.files()).hasSize(1);
    }
  }

  @Test
  void aFullDiskIsNoRefusal() throws Exception {
    try (StorageFixture f = open(UseOdirect.ON)) {
      f.calls.failOnce("write staged", new IOException("No space left on device"));
      assertThat(errorOf(() -> f.storage.put(key(1), filled(key(1), 1, UNIT))).code())
          .isEqualTo(L2ErrorCode.NO_SPACE);
      assertThat(f.detail("odirect_fallback_errno")).isEqualTo("0");
      assertThat(f.files()).isEmpty();
    }
  }

  @Test
  void readAheadIsIgnoredWhenReadsAreDirect() throws Exception {
    FsJavaConfig config = Configs.in(base).useOdirect(UseOdirect.ON).readAheadSize(UNIT).make();
    open(UseOdirect.ON).close();
    try (StorageFixture f = new StorageFixture(config)) {
      f.storage.put(key(1), filled(key(1), 1, 4 * UNIT));
      f.calls.take();
      f.load(key(1), poisoned(4 * UNIT), 1);
      assertThat(f.calls.take()).contains("read object " + 4 * UNIT + " at 0");
      assertThat(f.detail("read_ahead_size"))
          .isEqualTo(
              "requested=4096 effective=false reason=reads are direct, but for those that fall"
                  + " back");
    }
  }

  /** Such a file system takes everything and caches everything. */
  @Test
  void inMemoryItIsNotEffective() throws Exception {
    Path memory = Path.of("/dev/shm");
    boolean isMemory =
        Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs");
    Needs.that(isMemory, "no tmpfs at " + memory);
    assertThat(isMemory).as("whether %s is a tmpfs", memory).isTrue();
    Path place = Files.createTempDirectory(memory, "lmcache-direct");
    try {
      FsJavaConfig wanted = Configs.in(place).useOdirect(UseOdirect.ON).make();
      try (StorageFixture f = new StorageFixture(wanted)) {
        assertThat(f.detail("odirect")).isEqualTo("requested=true effective=false reason=cached");
        assertThat(f.storage.limits().lengthAlignment()).isEqualTo(1);
        f.storage.put(key(1), filled(key(1), 1, UNIT, UNIT, 8));
        MemoryObject into = poisoned(UNIT, UNIT, 8);
        assertThat(f.storage.get(key(1), into)).isEqualTo(LoadOutcome.LOADED);
        assertThat(f.detail("odirect_fallback_fs")).isEqualTo("2");
      }
      FsJavaConfig required = Configs.in(place).useOdirect(UseOdirect.REQUIRE).make();
      assertThatThrownBy(() -> new StorageFixture(required))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("require")
          .hasMessageContaining("tmpfs")
          .hasMessageContaining(place.toString())
          .hasMessageContaining("cached");
      // The refused one left nothing, and does not stand in the way of the next.
      try (StorageFixture f = new StorageFixture(wanted)) {
        assertThat(f.files()).hasSize(1);
      }
    } finally {
      delete(place);
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

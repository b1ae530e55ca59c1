// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two JVMs, one with each engine, in which sixteen threads each are at the same eight keys of one
 * shared directory: nothing fails, every object that arrives is whole and was stored under its key,
 * and in the end there are no other files and no other bytes than the keys have.
 *
 * <p>Each JVM is told to go when both are open, and ends by itself.
 */
@Tag("native")
@Timeout(value = 600, unit = TimeUnit.SECONDS)
final class CrowdIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");
  private static final int THREADS = 16;
  private static final int MILLIS = SOAK ? 60_000 : 1_000;

  /** Operations of a thread. */
  private static final int LEAST = SOAK ? 7_000 : 100;

  /** Of each kind, in both JVMs together. */
  private static final long LEAST_OF_EACH = SOAK ? 10_000 : 100;

  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-XX:MaxDirectMemorySize=256m", "-XX:TieredStopAtLevel=1");

  @TempDir(factory = DiskDirectory.class)
  Path dir;

  @ParameterizedTest
  @EnumSource
  void eachGetsWhatSomebodyStored(StoreMode mode) throws Exception {
    Drill.needsDisk(dir, 1L << 30);
    Path base = dir.resolve("kv");
    CrossEngineSeen seen;
    try (DrillChild java = start(Engine.FS_JAVA, base, mode);
        DrillChild nativeOne = start(Engine.FS_NATIVE, base, mode)) {
      assertThat(java.line()).isEqualTo("ready");
      assertThat(nativeOne.line()).isEqualTo("ready");
      java.tell("go");
      nativeOne.tell("go");
      seen = seen(Engine.FS_JAVA, java.line()).add(seen(Engine.FS_NATIVE, nativeOne.line()));
      java.endsWell();
      nativeOne.endsWell();
    }
    Drill.report("crowd, " + mode + ": " + seen);
    assertThat(seen.problems()).isEmpty();
    for (String what : List.of("STORE_STORED", "LOADED", "DELETE_DELETED", "LOOKUP_HIT")) {
      assertThat(seen.of(what)).as("%s of %s", what, seen).isGreaterThanOrEqualTo(LEAST_OF_EACH);
    }
    if (mode == StoreMode.REPLACE) {
      assertThat(seen.of("LOAD_SIZE_MISMATCH")).as("loads of another size").isPositive();
    }
    assertThat(OwnersFiles.staged(base)).isEmpty();
    assertThat(OwnersFiles.owners(base)).isEmpty();
    for (Engine engine : Engine.values()) {
      assertIsWhatIsOnDisk(engine, base, mode);
    }
  }

  private static DrillChild start(Engine engine, Path base, StoreMode mode) throws IOException {
    String[] arguments = {
      engine.name(),
      "" + base,
      "" + mode,
      engine == Engine.FS_JAVA ? "0" : "1",
      "" + THREADS,
      "" + MILLIS,
      "" + LEAST
    };
    return DrillChild.start(Programs.program(CrowdProgram.class, OPTIONS, arguments));
  }

  /** Each JVM did its part of it all, and met all contents. */
  private static CrossEngineSeen seen(Engine engine, String line) {
    CrossEngineSeen seen = CrossEngineSeen.parse(line);
    assertThat(seen.problems()).as("of %s", engine).isEmpty();
    for (String what : List.of("STORE_STORED", "LOADED_VERSION_0", "DELETE_DELETED")) {
      assertThat(seen.of(what)).as("%s of %s", what, engine).isGreaterThan(LEAST_OF_EACH / 10);
    }
    return seen;
  }

  /** An adapter that opens the directory finds the files that are there, and their bytes. */
  private static void assertIsWhatIsOnDisk(Engine engine, Path base, StoreMode mode)
      throws IOException {
    Crowd crowd = new Crowd(mode, 0, 0, 0, 0);
    Map<String, Long> onDisk = files(base);
    assertThat(onDisk.keySet()).allMatch(name -> name.endsWith(".data"));
    long bytes = onDisk.values().stream().mapToLong(Long::longValue).sum();
    try (FileAdapter adapter = FileAdapter.open(engine, base).recovered()) {
      assertThat(adapter.usage().storedObjects()).isEqualTo(onDisk.size());
      assertThat(adapter.usage().storedBytes()).isEqualTo(bytes);
      Map<ObjectKey, Long> found = adapter.list();
      assertThat(found).hasSize(onDisk.size());
      for (int n = 0; n < Crowd.KEYS; n++) {
        Long size = found.get(Crowd.key(n));
        MemoryObject into = Content.poisoned(size == null ? crowd.size(n, 0) : (int) (long) size);
        assertThat(adapter.load(Crowd.key(n), into))
            .isEqualTo(size == null ? LoadOutcome.NOT_FOUND : LoadOutcome.LOADED);
        assertThat(size == null || crowd.versionOf(n, into) >= 0).as("bytes of %d", n).isTrue();
      }
    }
  }

  private static Map<String, Long> files(Path base) throws IOException {
    Map<String, Long> found = new HashMap<>();
    try (Stream<Path> files = Files.list(base)) {
      for (Path file : files.filter(path -> !path.endsWith(".lmcache")).toList()) {
        found.put(file.getFileName().toString(), Files.size(file));
      }
    }
    return found;
  }
}

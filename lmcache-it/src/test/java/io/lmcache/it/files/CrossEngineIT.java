// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.CrossEngineKeys.COUNT;
import static io.lmcache.it.files.CrossEngineKeys.LARGE;
import static io.lmcache.it.files.CrossEngineKeys.REPLACEMENT;
import static io.lmcache.it.files.CrossEngineScene.forEachKey;
import static io.lmcache.it.files.CrossEngineScene.listing;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.files.CrossEngineScene.Side;
import io.lmcache.it.files.CrossEngineWork.Role;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each engine reads, replaces, deletes, recovers and verifies what the other wrote: after it and
 * while it writes, in one JVM and in two, past the page cache and through it, synced and not, under
 * every kind of name, objects of no byte and objects that several threads read together.
 */
@Tag("native")
@Timeout(value = 900, unit = TimeUnit.SECONDS)
final class CrossEngineIT {

  private static final boolean SOAK = Boolean.getBoolean("lmcache.soak");

  /** How many settings come together in every way. */
  private static final int TOGETHER = SOAK ? 3 : 2;

  /** Rounds of each side in each of the two roles. */
  private static final int ROUNDS = SOAK ? 600 : 45;

  /** How often each thing happens at least in a case. */
  private static final long LEAST = ROUNDS / 3;

  private static final int LARGE_COUNT = COUNT - LARGE;

  private static CrossEngineSide child;

  @TempDir(factory = DiskDirectory.class)
  Path dir;

  @BeforeAll
  static void startChild() throws IOException {
    child = CrossEngineSide.start();
  }

  @AfterAll
  static void endChild() {
    child.close();
  }

  static Stream<CrossEngineCase> cases() {
    return CrossEngineCase.some(TOGETHER);
  }

  private CrossEngineScene scene(CrossEngineCase how) {
    if (how.anyIsDirect()) {
      DiskDirectory.needsDirect();
    }
    return new CrossEngineScene(how, dir.resolve("l2"), child);
  }

  private static int first(int n) {
    return CrossEngineKeys.size(n, 0);
  }

  private static int second(int n) {
    return CrossEngineKeys.size(n, REPLACEMENT);
  }

  private static boolean isDeleted(int n) {
    return n % 3 == 0;
  }

  private static boolean hasBytes(int n) {
    return first(n) > 0;
  }

  @Test
  void anyTwoSettingsComeTogether() {
    List<List<Object>> cases = cases().map(CrossEngineCase::settings).toList();
    int settings = cases.get(0).size();
    for (int a = 0; a < settings; a++) {
      for (int b = a + 1; b < settings; b++) {
        int one = a;
        int two = b;
        long pairs = cases.stream().map(c -> List.of(c.get(one), c.get(two))).distinct().count();
        long ones = cases.stream().map(c -> c.get(one)).distinct().count();
        long twos = cases.stream().map(c -> c.get(two)).distinct().count();
        assertThat(pairs).as("pairs of settings %d and %d", a, b).isEqualTo(ones * twos);
      }
    }
    assertThat(cases).hasSizeBetween(9, SOAK ? 60 : 12);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oneAfterTheOther(CrossEngineCase how) throws Exception {
    try (CrossEngineScene scene = scene(how)) {
      Side writer = scene.writer;
      Side reader = scene.other;
      scene.fill();

      reader.open(false);
      assertThat(reader.tell("usage")).isEqualTo(scene.onDisk());
      reader.tells("list", listing(CrossEngineIT::first));
      forEachKey(
          n -> {
            reader.tells("lookup " + n, "" + first(n));
            reader.tells("load " + n + " " + second(n), "SIZE_MISMATCH");
            reader.tells("load " + n + " " + first(n), "version 0");
            reader.tells("store " + n + " 0 IF_ABSENT", "ALREADY_PRESENT");
            reader.tells("store " + n + " " + REPLACEMENT + " REPLACE", "STORED");
            reader.tells("load " + n + " " + second(n), "version " + REPLACEMENT);
            if (isDeleted(n)) {
              reader.tells("delete " + n, "DELETED");
            }
          });
      reader.assertCounters(0);
      reader.assertStored();
      reader.assertLoaded(2 * LARGE_COUNT);
      reader.assertPastThePageCache();
      reader.close();

      writer.open(false);
      assertThat(writer.tell("usage")).isEqualTo(scene.onDisk());
      writer.tells("list", listing(n -> isDeleted(n) ? -1 : second(n)));
      forEachKey(
          n -> {
            boolean gone = isDeleted(n);
            writer.tells("lookup " + n, gone ? "null" : "" + second(n));
            writer.tells(
                "load " + n + " " + second(n), gone ? "NOT_FOUND" : "version " + REPLACEMENT);
            writer.tells("delete " + n, gone ? "ABSENT" : "DELETED");
          });
      writer.assertCounters(0);
      writer.assertLoaded(1);
      assertThat(writer.tell("usage")).isEqualTo("0 0").isEqualTo(scene.onDisk());
    }
  }

  private interface Damage {
    void to(FileChannel file) throws IOException;
  }

  /** In one of the pieces of a large object. */
  private static void flipABit(FileChannel file) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    long middle = file.size() / 2;
    file.read(one, middle);
    file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 4)}), middle);
  }

  private static void cutAByte(FileChannel file) throws IOException {
    file.truncate(file.size() - 1);
  }

  private static void damage(CrossEngineScene scene, Damage damage) throws IOException {
    for (Path path : scene.files()) {
      if (Files.size(path) > 0) {
        try (FileChannel file =
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          damage.to(file);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aDamagedFileOfTheOtherIsFoundAndRemoved(CrossEngineCase how) throws Exception {
    int damaged = (int) IntStream.range(0, COUNT).filter(CrossEngineIT::hasBytes).count();
    try (CrossEngineScene scene = scene(how)) {
      Side writer = scene.writer;
      Side reader = scene.other;
      scene.fill();

      damage(scene, CrossEngineIT::flipABit);
      reader.open(false);
      assertThat(reader.tell("usage")).startsWith(COUNT + " ");
      if (!how.hasChecksums()) {
        // Only length and key are compared then.
        forEachKey(
            n -> reader.tells("load " + n + " " + first(n), "version " + (hasBytes(n) ? -1 : 0)));
        damage(scene, CrossEngineIT::cutAByte);
      }
      reader.assertCounters(0);
      forEachKey(
          n -> {
            reader.tells("load " + n + " " + first(n), hasBytes(n) ? "CORRUPT" : "version 0");
            reader.tells("load " + n + " " + first(n), hasBytes(n) ? "NOT_FOUND" : "version 0");
            reader.tells("lookup " + n, hasBytes(n) ? "null" : "0");
          });
      reader.assertCounters(damaged);
      assertThat(scene.files()).hasSize(COUNT - damaged);
      assertThat(reader.tell("usage")).isEqualTo(scene.onDisk());
      forEachKey(
          n ->
              reader.tells(
                  "store " + n + " 0 IF_ABSENT", hasBytes(n) ? "STORED" : "ALREADY_PRESENT"));
      reader.close();

      writer.open(false);
      writer.tells("list", listing(CrossEngineIT::first));
      forEachKey(n -> writer.tells("load " + n + " " + first(n), "version 0"));
      writer.assertCounters(0);
      writer.assertLoaded(LARGE_COUNT);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bothAtOnce(CrossEngineCase how) throws Exception {
    try (CrossEngineScene scene = scene(how)) {
      Side one = scene.writer;
      Side two = scene.other;
      one.open(true);
      two.open(true);
      List<CrossEngineSeen> first = work(one, Role.WRITER, two, Role.VISITOR);
      List<CrossEngineSeen> second = work(one, Role.VISITOR, two, Role.WRITER);
      assertWorked(first.get(0).add(second.get(0)));
      assertWorked(first.get(1).add(second.get(1)));
      one.assertStored();
      two.assertStored();
      one.assertLoaded(LARGE_COUNT);
      two.assertLoaded(LARGE_COUNT);
      assertAgreed(scene);
      one.assertCounters(0);
      two.assertCounters(0);
    }
  }

  /** What a side did in both roles. */
  private static void assertWorked(CrossEngineSeen seen) {
    assertThat(seen.problems()).as(seen.toString()).isEmpty();
    for (String what :
        List.of(
            "IF_ABSENT_STORED",
            "IF_ABSENT_ALREADY_PRESENT",
            "REPLACE_STORED",
            "LOADED",
            "LOADED_THEIRS",
            "LOOKUP_HIT",
            "DELETE_DELETED",
            "LIST")) {
      assertThat(seen.of(what)).as("%s of %s", what, seen).isGreaterThanOrEqualTo(LEAST / 4);
    }
    for (String what : List.of("LOAD_NOT_FOUND", "LOAD_SIZE_MISMATCH", "RECOVERED")) {
      assertThat(seen.of(what)).as("%s of %s", what, seen).isPositive();
    }
    for (String what : List.of("LARGE_LOADED_THEIRS", "RECOVERED_THEIRS")) {
      assertThat(seen.of(what)).as("%s of %s", what, seen).isGreaterThanOrEqualTo(LARGE_COUNT);
    }
    assertThat(seen.of("BEGUN_ANEW")).isEqualTo(CrossEngineWork.TIMES + 1);
  }

  /** What each of the two saw. */
  private List<CrossEngineSeen> work(Side one, Role role, Side two, Role otherRole)
      throws Exception {
    Path meeting = Files.createTempDirectory(dir, "meeting");
    ExecutorService second = Executors.newSingleThreadExecutor();
    try {
      Future<String> theirs =
          second.submit(() -> two.tell("work 1 " + otherRole + " " + ROUNDS + " " + meeting));
      String own = one.tell("work 0 " + role + " " + ROUNDS + " " + meeting);
      return List.of(CrossEngineSeen.parse(own), CrossEngineSeen.parse(theirs.get()));
    } finally {
      second.shutdownNow();
    }
  }

  /** Once nobody writes, both see what stands in the directory, and then what each stores last. */
  private static void assertAgreed(CrossEngineScene scene) throws IOException {
    Side one = scene.writer;
    Side two = scene.other;
    String listed = one.tell("list");
    assertThat(two.tell("list")).isEqualTo(listed).endsWith(" and 0");
    String[] sizes = listed.split(" ", -1);
    List<String> stored = new ArrayList<>();
    long bytes = 0;
    for (int n = 0; n < COUNT; n++) {
      one.tells("lookup " + n, sizes[n]);
      two.tells("lookup " + n, sizes[n]);
      if (!sizes[n].equals("null")) {
        stored.add(sizes[n]);
        bytes += Long.parseLong(sizes[n]);
        String loaded = one.tell("load " + n + " " + sizes[n]);
        assertThat(loaded).startsWith("version ").isNotEqualTo("version -1");
        two.tells("load " + n + " " + sizes[n], loaded);
      }
    }
    assertThat(scene.onDisk()).isEqualTo(stored.size() + " " + bytes);

    forEachKey(
        n ->
            (n % 2 == 0 ? one : two)
                .tells("store " + n + " " + REPLACEMENT + " REPLACE", "STORED"));
    forEachKey(
        n -> {
          one.tells("load " + n + " " + second(n), "version " + REPLACEMENT);
          two.tells("load " + n + " " + second(n), "version " + REPLACEMENT);
        });
    one.tells("list", listing(CrossEngineIT::second));
    two.tells("list", listing(CrossEngineIT::second));
  }
}

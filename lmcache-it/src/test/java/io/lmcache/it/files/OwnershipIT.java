// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may enter a directory while somebody is in it: both engines, in one JVM and in two. */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class OwnershipIT {

  enum Where {
    SAME_JVM,
    OTHER_JVM
  }

  private static final String SHARED = " \"shared\": true";
  private static final int SIZE = 5000;

  private static OwnersChild child;

  @TempDir Path dir;

  @BeforeAll
  static void startChild() throws IOException {
    child = OwnersChild.start();
  }

  @AfterAll
  static void endChild() {
    child.close();
  }

  static Stream<Arguments> pairs() {
    return Stream.of(Engine.values())
        .flatMap(first -> Stream.of(Engine.values()).map(second -> Arguments.of(first, second)));
  }

  static Stream<Arguments> pairsAndPlaces() {
    return Stream.of(Where.values())
        .flatMap(where -> pairs().map(pair -> Arguments.of(pair.get()[0], pair.get()[1], where)));
  }

  private String open(Engine engine, String more) {
    return "open " + engine + " " + dir + more;
  }

  /** Another instance; a child's stays alive when it is closed. */
  private static OwnersInstance second(Where where) {
    if (where == Where.SAME_JVM) {
      return new OwnersCommands();
    }
    return new OwnersInstance() {
      @Override
      public String tell(String line) throws IOException {
        return child.tell(line);
      }

      @Override
      public void close() {
        try {
          child.tell("close");
        } catch (IOException e) {
          throw new AssertionError("the child is gone", e);
        }
      }
    };
  }

  private static void assertNames(String refusal, Engine holder, String mode) throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    assertThat(refusal)
        .startsWith("refused ")
        .contains("base_path is in use by pid " + ProcessHandle.current().pid() + " on " + host)
        .contains(" (" + holder.type() + ", " + mode + ", since 2")
        .endsWith("; set \"shared\": true in both");
  }

  private static void assertWorks(OwnersInstance instance, int n) throws IOException {
    assertThat(instance.tell("store " + n + " 1 " + SIZE)).isEqualTo("STORED");
    assertThat(instance.tell("load " + n + " 1 " + SIZE)).isEqualTo("LOADED");
  }

  @ParameterizedTest
  @MethodSource("pairsAndPlaces")
  void anExclusiveInstanceKeepsOutEveryOtherUntilItCloses(Engine holder, Engine other, Where where)
      throws Exception {
    try (OwnersInstance first = new OwnersCommands();
        OwnersInstance second = second(where)) {
      assertThat(first.tell(open(holder, ""))).startsWith("open ");
      assertWorks(first, 1);
      Map<String, String> before = OwnersFiles.listing(dir.resolve(".lmcache"));
      for (String more : new String[] {"", SHARED, ""}) {
        assertNames(second.tell(open(other, more)), holder, "exclusive");
      }
      assertThat(OwnersFiles.listing(dir.resolve(".lmcache")).keySet()).isEqualTo(before.keySet());
      assertThat(first.tell("detail ownership")).isEqualTo("exclusive");
      assertWorks(first, 2);

      assertThat(first.tell("close")).isEqualTo("closed");
      assertThat(second.tell(open(other, ""))).startsWith("open ");
      assertThat(second.tell("load 2 1 " + SIZE)).isEqualTo("LOADED");
      assertWorks(second, 3);
      assertThat(first.tell(open(holder, ""))).startsWith("refused ");
    }
    assertThat(OwnersFiles.owners(dir)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pairsAndPlaces")
  void aSharedInstanceKeepsOutAnExclusiveOne(Engine holder, Engine other, Where where)
      throws Exception {
    try (OwnersInstance first = new OwnersCommands();
        OwnersInstance second = second(where)) {
      assertThat(first.tell(open(holder, SHARED))).startsWith("open ");
      assertNames(second.tell(open(other, "")), holder, "shared");
      // The refusal took nothing from the one that was there: it still keeps others out.
      assertNames(second.tell(open(other, "")), holder, "shared");
      assertWorks(first, 1);
      assertThat(second.tell(open(other, SHARED))).startsWith("open ");
      assertThat(second.tell("detail owners")).isEqualTo("2");
      assertThat(first.tell("close")).isEqualTo("closed");
      assertThat(first.tell(open(holder, ""))).contains("(" + other.type() + ", shared, since");
      assertThat(second.tell("close")).isEqualTo("closed");
      assertThat(first.tell(open(holder, ""))).startsWith("open ");
    }
    assertThat(OwnersFiles.owners(dir)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pairsAndPlaces")
  void twoSharedInstancesSeeEachOthersObjects(Engine one, Engine other, Where where)
      throws Exception {
    int keys = 20;
    try (OwnersInstance first = new OwnersCommands();
        OwnersInstance second = second(where)) {
      assertThat(first.tell(open(one, SHARED))).startsWith("open ");
      assertThat(second.tell(open(other, SHARED))).startsWith("open ");
      assertThat(first.tell("recovered")).isEqualTo("recovered");
      assertThat(second.tell("recovered")).isEqualTo("recovered");
      int seen = 0;
      for (int n = 0; n < keys; n++) {
        OwnersInstance writer = n % 2 == 0 ? first : second;
        OwnersInstance reader = n % 2 == 0 ? second : first;
        int size = SIZE + n;
        assertThat(reader.tell("lookup " + n)).isEqualTo("null");
        assertThat(writer.tell("store " + n + " 1 " + size)).isEqualTo("STORED");
        assertThat(reader.tell("lookup " + n)).isEqualTo("" + size);
        assertThat(reader.tell("load " + n + " 1 " + size)).isEqualTo("LOADED");
        assertThat(reader.tell("store " + n + " 1 " + size)).isEqualTo("ALREADY_PRESENT");
        assertThat(reader.tell("delete " + n)).isEqualTo("DELETED");
        assertThat(writer.tell("lookup " + n)).isEqualTo("null");
        assertThat(writer.tell("load " + n + " 1 " + size)).isEqualTo("NOT_FOUND");
        seen++;
      }
      assertThat(seen).isEqualTo(keys);
      assertThat(first.tell("detail corrupt")).isEqualTo("0");
      assertThat(second.tell("detail corrupt")).isEqualTo("0");
    }
    assertThat(OwnersFiles.owners(dir)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whoIsKilledHoldsNothing(Engine holder, Engine next) throws Exception {
    for (String more : new String[] {"", SHARED}) {
      try (OwnersChild victim = OwnersChild.start();
          OwnersInstance second = new OwnersCommands()) {
        assertThat(victim.tell(open(holder, more))).isEqualTo("open " + victim.pid());
        victim.tell("store 1 1 " + SIZE);
        assertThat(second.tell(open(next, "")))
            .contains("in use by pid " + victim.pid() + " on ")
            .contains("(" + holder.type() + ", ");
        victim.kill();
        assertThat(OwnersFiles.owners(dir)).as("what a killed process leaves").hasSize(1);
        assertThat(second.tell(open(next, ""))).startsWith("open ");
        second.tell("recovered");
        assertThat(OwnersFiles.owners(dir)).as("owner files after the scan").hasSize(1);
        assertThat(second.tell("load 1 1 " + SIZE)).isEqualTo("LOADED");
      }
      assertThat(OwnersFiles.owners(dir)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void theCommandSaysInOneLineWhoHoldsTheDirectory(Engine holder, Engine asked) throws Exception {
    try (OwnersInstance first = new OwnersCommands()) {
      assertThat(first.tell(open(holder, ""))).startsWith("open ");
      assertWorks(first, 1);
      first.tell("recovered");
      Map<String, String> before = OwnersFiles.listing(dir);
      Programs.Ended ended =
          Programs.lmcacheEnds(
              dir, "bench", "l2", "--l2-adapter", FileAdapter.json(asked, dir), "--num-keys", "2");
      assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
      assertThat(ended.err().lines()).as(ended.err()).hasSize(1);
      assertNames("refused " + ended.err().strip(), holder, "exclusive");
      assertThat(ended.err()).doesNotContain("Exception").doesNotContain("\tat ");
      assertThat(OwnersFiles.listing(dir).keySet()).isEqualTo(before.keySet());
      assertWorks(first, 2);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.core.OpenAdapter;
import io.lmcache.l2.fs.jni.ExitHeldMain.Ending;
import io.lmcache.l2.fs.jni.ExitHeldMain.Kind;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A JVM that ends while C++ threads are inside file operations ends well, whatever they do and
 * however it ends, and leaves the directory as it was acknowledged.
 *
 * <p>The JVMs of one kind run at the same time. Their limit only finds a hang; one that is passed
 * ends them.
 */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class ExitHeldTest {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int COMBINATIONS = 18;

  private static int ended;

  @TempDir Path dir;

  @AfterAll
  static void allCombinationsEnded() {
    assertThat(ended).as("JVMs that ended well").isEqualTo(COMBINATIONS);
  }

  @ParameterizedTest
  @EnumSource
  void endsWellWhileOperationsAreHeld(Kind kind) throws Exception {
    Map<Ending, ChildJvm> children = new EnumMap<>(Ending.class);
    try {
      for (Ending ending : Ending.values()) {
        children.put(ending, start(kind, ending));
      }
      for (Map.Entry<Ending, ChildJvm> child : children.entrySet()) {
        assertEndsWell(kind, child.getKey(), child.getValue());
        assertIsAsAcknowledged(kind, base(child.getKey()));
        ended++;
      }
    } finally {
      for (ChildJvm child : children.values()) {
        child.close();
      }
    }
  }

  private Path base(Ending ending) {
    return dir.resolve(ending + "/base");
  }

  /** The current directory, where the JVM writes its reports and the kernel its cores. */
  private Path current(Ending ending) {
    return dir.resolve(ending + "/current");
  }

  private ChildJvm start(Kind kind, Ending ending) throws Exception {
    Path current = Files.createDirectories(current(ending));
    return ChildJvm.start(
        List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", current.toString()),
        // The second and third only make it start quickly.
        List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", ChildJvm.library()),
        ExitHeldMain.class,
        List.of(kind.name(), ending.name(), base(ending).toString()));
  }

  private void assertEndsWell(Kind kind, Ending ending, ChildJvm child) throws Exception {
    String said = child.output(LIMIT, ending.exit);
    assertThat(said)
        .as("before %s", ending)
        .isEqualTo(
            "held %d queued %d on %s%n"
                .formatted(
                    ExitHeldMain.HELD,
                    kind.queued(),
                    ending == Ending.EXIT_IN_CALLBACK ? "lmc-drain" : "main"));
    assertThat(child.errors()).as("on the error stream, %s", ending).isEmpty();
    assertThat(current(ending)).as("no report of a crash, no core").isEmptyDirectory();
  }

  /** What was held or queued has not come about, not even in part: stores and deletes neither. */
  private static void assertIsAsAcknowledged(Kind kind, Path base) throws Exception {
    try (OpenAdapter opened = ExitHeldMain.open(kind, base)) {
      L2Adapter adapter = opened.adapter();
      while (adapter.usage().recovering()) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < kind.keys(); i++) {
        MemoryObject into = poisoned(kind.size);
        LoadOutcome outcome = load(adapter, List.of(key(i)), List.of(into)).outcome(0);
        assertThat(outcome)
            .as("object %d", i)
            .isEqualTo(i < kind.stored ? LoadOutcome.LOADED : LoadOutcome.NOT_FOUND);
        if (i < kind.stored) {
          assertHolds(into, key(i), 1);
        }
      }
    }
  }
}

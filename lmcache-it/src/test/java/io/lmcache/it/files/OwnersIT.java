// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A writer in the middle of a store, and somebody in another PID namespace who opens the directory
 * and cannot see that process: what it writes must stay if it lives, and go if it died.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class OwnersIT {

  private static final String SHARED = " \"shared\": true";

  /** Large enough to be met in the middle. */
  private static final int LARGE = 256 << 20;

  private static final int SMALL = 5000;
  private static final int MOST_ATTEMPTS = 20;

  @TempDir Path dir;

  @BeforeAll
  static void needsNamespaces() throws Exception {
    List<String> command = new ArrayList<>(OwnersChild.NAMESPACE);
    command.add("true");
    int exit;
    try {
      exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      exit = -1;
    }
    Needs.that(exit == 0, "PID namespaces cannot be made here: exit of unshare " + exit);
    assertThat(exit).as("exit of unshare").isZero();
  }

  static Stream<Arguments> pairs() {
    return OwnershipIT.pairs();
  }

  private String open(Engine engine) {
    return "open " + engine + " " + dir + SHARED;
  }

  /** A writer that is stopped while its staging file exists. */
  private record Stopped(int n, Path staged) {}

  private Stopped stopInTheMiddleOfAStore(OwnersChild writer) throws IOException {
    for (int n = 100; n < 100 + MOST_ATTEMPTS; n++) {
      writer.ask("store " + n + " 7 " + LARGE);
      Path staged = awaitGrowing(writer);
      if (staged != null) {
        writer.stop();
        if (Files.exists(staged)) {
          assertThat(Files.size(staged)).isBetween(1L, (long) LARGE);
          return new Stopped(n, staged);
        }
        writer.resume();
      }
      assertThat(writer.answer()).isEqualTo("STORED");
    }
    throw new AssertionError("not met in the middle of " + MOST_ATTEMPTS + " stores");
  }

  /** The staging file of a store that is under way; null if the store has ended unseen. */
  private @Nullable Path awaitGrowing(OwnersChild writer) {
    List<Path> found = new ArrayList<>();
    FileAdapter.await(
        "a staging file grows",
        () -> {
          try {
            if (writer.hasAnswered()) {
              return true;
            }
            for (Path staged : OwnersFiles.staged(dir)) {
              if (Files.exists(staged) && Files.size(staged) > 0) {
                found.add(staged);
              }
            }
            return !found.isEmpty();
          } catch (IOException e) {
            return false; // It was published just now; the attempt is repeated.
          }
        });
    return found.isEmpty() ? null : found.get(0);
  }

  /** Opens from another namespace, waits for the scan, and closes. */
  private void visitFromOtherNamespace(Engine engine) throws IOException {
    try (OwnersChild visitor = OwnersChild.startInOtherNamespace()) {
      assertThat(visitor.tell(open(engine))).as("pid there").isEqualTo("open 1");
      assertThat(visitor.tell("recovered")).isEqualTo("recovered");
      assertThat(visitor.tell("load 1 3 " + SMALL)).isEqualTo("LOADED");
      assertThat(visitor.tell("close")).isEqualTo("closed");
    }
  }

  /** What somebody left who is certainly dead. */
  private List<Path> leaveTraces() throws IOException {
    UUID dead = UUID.randomUUID();
    return List.of(
        Files.writeString(dir.resolve(".lmcache/owner-" + dead), "{\"pid\": 1}"),
        Files.writeString(dir.resolve(".lmc-" + dead + "-1.tmp"), "begun"));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatALiveWriterStagesSurvivesWhoCannotSeeIt(Engine writing, Engine visiting)
      throws Exception {
    try (OwnersChild writer = OwnersChild.start()) {
      assertThat(writer.tell(open(writing))).startsWith("open ");
      assertThat(writer.tell("recovered")).isEqualTo("recovered");
      assertThat(writer.tell("store 1 3 " + SMALL)).isEqualTo("STORED");
      Stopped stopped = stopInTheMiddleOfAStore(writer);
      Map<String, String> before = OwnersFiles.listing(dir);
      List<Path> traces = leaveTraces();

      visitFromOtherNamespace(visiting);

      assertThat(traces)
          .as("what the dead left, so that there was a sweep")
          .noneMatch(Files::exists);
      assertThat(stopped.staged).exists();
      assertThat(OwnersFiles.listing(dir).keySet()).isEqualTo(before.keySet());
      writer.resume();
      assertThat(writer.answer()).isEqualTo("STORED");
      assertThat(writer.tell("load " + stopped.n + " 7 " + LARGE)).isEqualTo("LOADED");
      assertThat(writer.tell("close")).isEqualTo("closed");
    }
    assertThat(OwnersFiles.staged(dir)).isEmpty();
    assertThat(OwnersFiles.owners(dir)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatAKilledWriterStagedIsRemovedAndNothingElse(Engine writing, Engine visiting)
      throws Exception {
    Path foreign = Files.writeString(dir.resolve(".lmc-notes.tmp"), "not a staging file's name");
    try (OwnersChild writer = OwnersChild.start()) {
      assertThat(writer.tell(open(writing))).startsWith("open ");
      assertThat(writer.tell("recovered")).isEqualTo("recovered");
      assertThat(writer.tell("store 1 3 " + SMALL)).isEqualTo("STORED");
      Stopped stopped = stopInTheMiddleOfAStore(writer);
      writer.kill();
      Map<String, String> expected = new TreeMap<>(OwnersFiles.listing(dir));
      List<Path> owners = OwnersFiles.owners(dir);
      assertThat(owners).hasSize(1);
      assertThat(stopped.staged).exists();
      for (Path gone : List.of(owners.get(0), stopped.staged)) {
        assertThat(expected.remove(dir.relativize(gone).toString())).isNotNull();
      }

      visitFromOtherNamespace(visiting);

      Map<String, String> after = OwnersFiles.listing(dir);
      assertThat(after.keySet()).isEqualTo(expected.keySet());
      for (String file : expected.keySet()) {
        if (Files.isRegularFile(dir.resolve(file))) {
          assertThat(after.get(file)).as(file).isEqualTo(expected.get(file));
        }
      }
      assertThat(foreign).exists();
    }
  }
}

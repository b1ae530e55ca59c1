// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.CheckFinding;
import io.lmcache.l2.fs.CheckKind;
import io.lmcache.l2.fs.CheckReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of damage, met by a check and by a repair: each takes the file for what the table of
 * docs/directory-format.md says, and what a load removes is what a repair removes.
 */
final class FsckDamageTest {

  @TempDir Path root;

  private interface Meeting {
    void meet(DamageKind kind, DamageScene scene) throws IOException;
  }

  private void withEveryKind(Meeting meeting) {
    List<String> failures = new ArrayList<>();
    int met = 0;
    for (DamageKind kind : DamageKind.values()) {
      try {
        Path above = Files.createDirectories(root.resolve(kind.name()));
        DamageScene scene = DamageScene.of(above.resolve("l2"), 1);
        scene.fill();
        kind.happenTo(scene);
        meeting.meet(kind, scene);
      } catch (AssertionError | IOException | RuntimeException e) {
        failures.add(kind + ": " + e);
      }
      met++;
    }
    assertThat(failures).isEmpty();
    assertThat(met).as("kinds of damage").isEqualTo(DamageKind.values().length);
  }

  /** What the file is, by its line of the table; null for none. Nobody wants a certain length. */
  private static CheckKind expected(DamageKind kind) {
    return switch (kind.row()) {
      case NOTHING, NO_FILE -> CheckKind.FOREIGN;
      case WHOLE -> CheckKind.NO_CHECKSUM;
      case CORRUPT -> CheckKind.CORRUPT;
      case NEWER -> CheckKind.NEWER;
      case UNVERIFIED -> CheckKind.UNVERIFIED;
      case EMPTY -> CheckKind.EMPTY;
      case ANOTHER_LENGTH ->
          kind == DamageKind.EMPTY_AND_WHOLE || kind == DamageKind.SHORTER_AND_WHOLE
              ? CheckKind.VERIFIED
              : CheckKind.UNVERIFIED;
    };
  }

  /** How many files there are of what the damaged one is, its neighbour included. */
  private static long count(DamageKind kind) {
    if (kind == DamageKind.REMOVED) {
      return 0;
    }
    boolean both = kind == DamageKind.SWAPPED || expected(kind) == CheckKind.VERIFIED;
    return both ? 2 : 1;
  }

  private static void assertTold(DamageKind kind, CheckReport report) {
    CheckKind expected = expected(kind);
    assertThat(report.of(expected).files()).as(report.toString()).isEqualTo(count(kind));
    long all = report.tallies().values().stream().mapToLong(CheckReport.Tally::files).sum();
    assertThat(all).as(report.toString()).isEqualTo(kind == DamageKind.REMOVED ? 1 : 2);
    assertThat(report.problems()).isEqualTo(expected.isProblem() ? count(kind) : 0);
  }

  @Test
  void aCheckSaysTheLineOfTheTableAndChangesNothing() {
    withEveryKind(
        (kind, scene) -> {
          Map<String, String> before = OwnersFiles.listing(scene.base());
          CheckReport report = Fsck.check(scene.base());
          assertTold(kind, report);
          assertThat(report.isClean()).isEqualTo(!expected(kind).isProblem());
          assertThat(OwnersFiles.listing(scene.base())).isEqualTo(before);
        });
  }

  @Test
  void aRepairRemovesWhatALoadRemovesAndTheNextFindsNothing() {
    withEveryKind(
        (kind, scene) -> {
          Map<String, String> kept = OwnersFiles.listing(scene.base());
          kept.remove("");
          if (!kind.row().kept()) {
            kept.remove(scene.file().getFileName().toString());
          }
          if (kind == DamageKind.SWAPPED) {
            kept.remove(scene.neighbourFile().getFileName().toString());
          }

          CheckReport report = Fsck.repair(scene.base());

          assertTold(kind, report);
          assertThat(report.findings()).allMatch(CheckFinding::removed);
          assertThat(report.isClean()).isTrue();
          Map<String, String> left = OwnersFiles.listing(scene.base());
          left.remove("");
          assertThat(left).isEqualTo(kept);
          CheckReport again = Fsck.repair(scene.base());
          assertThat(again.problems()).isZero();
          assertThat(again.isClean()).isTrue();
        });
  }
}

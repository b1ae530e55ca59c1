// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose staging files are told apart, and whose a repair removes. */
final class CheckStagingTest {

  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private static final FileLocks.Locker NO_LOCKS =
      (channel, shared) -> {
        throw new IOException("No locks available");
      };

  @TempDir Path dir;

  private Path base;
  private Path meta;
  private final UUID dead = UUID.randomUUID();
  private final UUID unknown = UUID.randomUUID();

  @BeforeEach
  void directory() throws IOException {
    base = Files.createDirectory(dir.resolve("kv"));
    meta = Files.createDirectory(base.resolve(".lmcache"));
  }

  private static Path staged(Path where, UUID owner, int n, int hours) throws IOException {
    Path file = Files.writeString(where.resolve(".lmc-" + owner + "-" + n + ".tmp"), "1234567");
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofHours(hours))));
    return file;
  }

  private void owner(UUID owner, String staging) throws IOException {
    Files.writeString(
        OwnerFiles.path(meta, owner), "{\"pid\": 1, \"relative_tmp_dir\": \"" + staging + "\"}");
  }

  private CheckReport check(boolean repair, FileLocks.Locker locker) throws IOException {
    return Checks.run(base, repair, Checks.Watcher.quiet(), CLOCK, locker);
  }

  @Test
  void theLivingKeepTheirsAndTheDeadDoNot() throws Exception {
    owner(dead, "tmp");
    Path tmp = Files.createDirectory(base.resolve("tmp"));
    Path note = Files.writeString(tmp.resolve("note"), "of somebody else");
    staged(base, dead, 1, 0);
    staged(tmp, dead, 2, 0);
    Path young = staged(base, unknown, 1, 23);
    staged(base, unknown, 2, 25);
    Path directory = base.resolve(".lmc-" + dead + "-9.tmp");
    Files.createDirectory(directory);
    DirectoryOptions options = TestDirectory.options(base, "busy", 0);
    Path busy = Files.createDirectory(base.resolve("busy"));
    try (Ownership living = Ownership.take(options, base)) {
      Path own = staged(busy, living.owner(), 1, 30);
      Path other = staged(base, living.owner(), 2, 0);
      Map<CheckKind, Long> all =
          Map.of(
              CheckKind.STAGING_LIVING, 2L,
              CheckKind.STAGING_DEAD, 3L,
              CheckKind.STAGING_UNOWNED, 1L,
              CheckKind.OWNER_DEAD, 1L,
              CheckKind.FOREIGN, 1L);

      CheckReport report = check(false, FileLocks.SYSTEM);
      assertThat(Checks.files(report)).isEqualTo(all);
      assertThat(report.of(CheckKind.STAGING_DEAD).bytes()).isEqualTo(21);
      assertThat(report.problems()).isEqualTo(4);
      assertThat(report.left()).isEqualTo(4);
      assertThat(report.place().living()).isEqualTo(1);

      CheckReport repaired = check(true, FileLocks.SYSTEM);
      assertThat(Checks.files(repaired)).isEqualTo(all);
      assertThat(repaired.findings()).hasSize(4).allMatch(CheckFinding::removed);
      assertThat(repaired.isClean()).isTrue();
      for (Path stays : new Path[] {note, young, directory, own, other}) {
        assertThat(stays).exists();
      }
      assertThat(OwnerFiles.path(meta, dead)).doesNotExist();
      assertThat(OwnerFiles.path(meta, living.owner())).exists();
      assertThat(Checks.names(check(true, FileLocks.SYSTEM))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDeadAreFollowedWhereALinkLedThem(boolean repair) throws Exception {
    Path far = Files.createDirectory(dir.resolve("far"));
    Files.createSymbolicLink(base.resolve("tmp"), far);
    owner(dead, "tmp");
    Path left = staged(far, dead, 1, 0);

    CheckReport report = check(repair, FileLocks.SYSTEM);

    assertThat(Checks.files(report))
        .isEqualTo(Map.of(CheckKind.STAGING_DEAD, 1L, CheckKind.OWNER_DEAD, 1L));
    assertThat(report.left()).isEqualTo(repair ? 0 : 2);
    assertThat(Files.exists(left)).isNotEqualTo(repair);
  }

  /** Its file stayed empty on a full disk, was damaged, or names what is no path here. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"pid\": 1, \"relative_tmp_dir\": \"a\\u0000b\"}"})
  void whoDoesNotSayWhereItStagedIsSoughtEverywhere(String record) throws Exception {
    Files.writeString(OwnerFiles.path(meta, dead), record);
    Path deep = Files.createDirectories(base.resolve("tmp/of/it"));
    Path left = staged(deep, dead, 1, 0);
    // Another directory's, whose owners are not ours to judge.
    Path others = staged(Files.createDirectory(base.resolve("other")), unknown, 1, 30);
    Map<CheckKind, Long> all =
        Map.of(CheckKind.STAGING_DEAD, 1L, CheckKind.OWNER_DEAD, 1L, CheckKind.FOREIGN, 2L);

    CheckReport report = check(false, FileLocks.SYSTEM);
    assertThat(Checks.files(report)).isEqualTo(all);
    assertThat(left).exists();
    CheckReport repaired = check(true, FileLocks.SYSTEM);
    assertThat(Checks.files(repaired)).isEqualTo(all);
    assertThat(repaired.isClean()).isTrue();
    assertThat(left).doesNotExist();
    assertThat(OwnerFiles.path(meta, dead)).doesNotExist();
    assertThat(others).exists();
  }

  /** A link that leads in a circle is what nobody can read, root included. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoMayHaveStagedWhereNobodyCanReadKeepsItsOwnerFile(boolean repair) throws Exception {
    Path circle = Files.createSymbolicLink(base.resolve("tmp"), Path.of("tmp"));
    owner(dead, "tmp");

    CheckReport report = check(repair, FileLocks.SYSTEM);

    assertThat(Checks.files(report))
        .isEqualTo(Map.of(CheckKind.UNREADABLE, 1L, CheckKind.OWNER_DEAD, 1L));
    assertThat(report.left()).isEqualTo(2);
    Path file = OwnerFiles.path(meta, dead);
    assertThat(file).exists();
    assertThat(report.findings())
        .filteredOn(finding -> finding.path().equals(file))
        .singleElement()
        .extracting(CheckFinding::reason)
        .asString()
        .isEqualTo(repair ? "it stays while something cannot be read that it may have staged" : "");
    Files.delete(circle);
    assertThat(check(true, FileLocks.SYSTEM).isClean()).isTrue();
    assertThat(file).doesNotExist();
  }

  /** An adapter that opens sweeps, while a check reads. */
  @Test
  void anOwnerFileThatIsSweptMeanwhileIsNoProblem() throws Exception {
    owner(dead, "");
    Path file = OwnerFiles.path(meta, dead);
    ObjectFiles.put(base, 0, Raw.key("org/model", 1), 1000);
    CheckReport report =
        Checks.watched(base, false, new Checks.Watcher(1, () -> Files.delete(file)));
    assertThat(Checks.files(report)).isEqualTo(Map.of(CheckKind.VERIFIED, 1L));
    assertThat(report.gone()).isEqualTo(1);
    assertThat(report.isClean()).isTrue();
  }

  /** Only their age speaks there. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutLocksOnlyWhatIsOldIsOfTheDead(boolean repair) throws Exception {
    owner(dead, "");
    Path young = staged(base, dead, 1, 23);
    Path old = staged(base, dead, 2, 25);

    CheckReport report = check(repair, NO_LOCKS);

    assertThat(Checks.files(report))
        .isEqualTo(Map.of(CheckKind.STAGING_LIVING, 1L, CheckKind.STAGING_DEAD, 1L));
    assertThat(young).exists();
    assertThat(Files.exists(old)).isNotEqualTo(repair);
    assertThat(OwnerFiles.path(meta, dead)).exists();
  }
}

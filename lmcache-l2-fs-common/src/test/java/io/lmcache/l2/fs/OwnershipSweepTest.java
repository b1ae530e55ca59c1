// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep removes and what it leaves, with and without locks. */
final class OwnershipSweepTest {

  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private static final FileLocks.Locker NO_LOCKS =
      (channel, shared) -> {
        throw new IOException("No locks available");
      };

  @TempDir Path base;

  private Path meta;

  @BeforeEach
  void directory() throws IOException {
    meta = Files.createDirectory(base.resolve(".lmcache"));
  }

  private Ownership take() throws IOException {
    return Ownership.take(OwnershipTest.options(base, true), base, CLOCK, FileLocks.SYSTEM);
  }

  private Ownership takeWithoutLocks(boolean shared) throws IOException {
    return Ownership.take(OwnershipTest.options(base, shared), base, CLOCK, NO_LOCKS);
  }

  /** A file last written so many hours before now. */
  private static Path file(Path directory, String name, int hours) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "content of " + name);
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofHours(hours))));
    return file;
  }

  private Path staged(UUID owner, int counter, int hours) throws IOException {
    return file(base, ".lmc-" + owner + "-" + counter + ".tmp", hours);
  }

  private Path ownerFile(UUID owner, int hours, String content) throws IOException {
    Path file = meta.resolve("owner-" + owner);
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofHours(hours))));
    return file;
  }

  private List<String> left(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbled", "{\"pid\": 1, \"locks\": true}"})
  void whoseLockCanBeTakenIsDeadWhateverItsFileSays(String content) throws IOException {
    UUID dead = UUID.randomUUID();
    ownerFile(dead, 0, content);
    staged(dead, 1, 0);
    try (Ownership ownership = take()) {
      assertThat(ownership.details()).containsEntry("owners", "1");
      assertThat(ownership.staging().sweep(base)).isEqualTo(1);
      assertThat(ownership.staging().removeDeadOwners()).isEqualTo(1);
      assertThat(left(base)).containsExactly(".lmcache");
      assertThat(left(meta)).containsExactly("lock", "owner-" + ownership.owner());
    }
  }

  /** The dead may have staged where nobody stages now; they said where. */
  @Test
  void whereTheDeadStagedIsSweptToo() throws IOException {
    Path theirs = Files.createDirectories(base.resolve("tmp/a"));
    Path outside = Files.createTempDirectory("outside");
    UUID dead = UUID.randomUUID();
    UUID liar = UUID.randomUUID();
    ownerFile(dead, 0, "{\"pid\": 1, \"relative_tmp_dir\": \"tmp/a\"}");
    ownerFile(liar, 0, "{\"pid\": 1, \"relative_tmp_dir\": \"" + outside + "\"}");
    file(theirs, ".lmc-" + dead + "-1.tmp", 0);
    Path kept = file(outside, ".lmc-" + liar + "-1.tmp", 0);
    try (Ownership ownership = take()) {
      assertThat(ownership.staging().sweepPlacesOfTheDead(base)).isEqualTo(1);
      assertThat(left(theirs)).isEmpty();
      assertThat(kept).exists();
      assertThat(ownership.staging().removeDeadOwners()).isEqualTo(2);
    } finally {
      Files.delete(kept);
      Files.delete(outside);
    }
  }

  @Test
  void whereALinkLedTheDeadIsSweptToo() throws IOException {
    Path far = Files.createTempDirectory("far");
    Path link = Files.createSymbolicLink(base.resolve("tmp"), far);
    UUID dead = UUID.randomUUID();
    ownerFile(dead, 0, "{\"pid\": 1, \"relative_tmp_dir\": \"tmp\"}");
    file(far, ".lmc-" + dead + "-1.tmp", 0);
    try (Ownership ownership = take()) {
      assertThat(ownership.staging().sweepPlacesOfTheDead(base)).isEqualTo(1);
      assertThat(left(far)).isEmpty();
      assertThat(link).isSymbolicLink();
    } finally {
      Files.delete(far);
    }
  }

  /** Its file stayed empty on a full disk, or names what is no path here. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{\"pid\": 1, \"relative_tmp_dir\": \"a\\u0000b\"}"})
  void whoDoesNotSayWhereItStagedIsSoughtEverywhere(String record) throws IOException {
    UUID dead = UUID.randomUUID();
    UUID others = UUID.randomUUID();
    ownerFile(dead, 0, record);
    Path deep = Files.createDirectories(base.resolve("some/where"));
    file(deep, ".lmc-" + dead + "-1.tmp", 0);
    file(deep, ".lmc-" + others + "-1.tmp", 30);
    try (Ownership ownership = take()) {
      assertThat(ownership.staging().sweepPlacesOfTheDead(base)).isEqualTo(1);
      assertThat(left(deep)).containsExactly(".lmc-" + others + "-1.tmp");
      assertThat(ownership.staging().removeDeadOwners()).isEqualTo(1);
    }
  }

  @Test
  void theOwnerFileSaysWhereItsOwnerStages() throws IOException {
    DirectoryOptions options = TestDirectory.options(base, "tmp/here", 0);
    try (Ownership ownership = Ownership.take(options, base, CLOCK, FileLocks.SYSTEM)) {
      Path file = OwnerFiles.path(meta, ownership.owner());
      OwnerRecord record = FileLocks.ownerInThisJvm(file);
      assertThat(record).isNotNull();
      assertThat(record).extracting(OwnerRecord::staging).isEqualTo("tmp/here");
    }
  }

  @Test
  void withoutAnOwnerFileOnlyWhatIsOldGoes() throws IOException {
    UUID unknown = UUID.randomUUID();
    staged(unknown, 1, 23);
    staged(unknown, 2, 25);
    staged(unknown, 3, -1);
    staged(unknown, 4, 24);
    try (Ownership ownership = take()) {
      file(base, ownership.stagingPrefix() + "1.tmp", 100);
      assertThat(ownership.staging().sweep(base)).isEqualTo(1);
      assertThat(left(base))
          .contains(ownership.stagingPrefix() + "1.tmp", ".lmc-" + unknown + "-1.tmp")
          .doesNotContain(".lmc-" + unknown + "-2.tmp")
          .hasSize(5);
    }
  }

  @Test
  void ownerFilesGoOnlyAfterAllStagingDirectoriesWereSwept() throws IOException {
    Path other = Files.createDirectory(base.resolve("tmp"));
    UUID before = UUID.randomUUID();
    UUID during = UUID.randomUUID();
    ownerFile(before, 0, "");
    file(base, ".lmc-" + before + "-1.tmp", 0);
    file(other, ".lmc-" + before + "-2.tmp", 0);
    try (Ownership ownership = take()) {
      // Dies while the round is under way: part of its files may have been passed by already.
      ownerFile(during, 0, "");
      file(other, ".lmc-" + during + "-1.tmp", 48);

      assertThat(ownership.staging().sweep(base)).isEqualTo(1);
      assertThat(left(meta)).contains("owner-" + before);
      assertThat(ownership.staging().sweep(other)).isEqualTo(1);
      assertThat(ownership.staging().removeDeadOwners()).isEqualTo(1);
      assertThat(left(other)).containsExactly(".lmc-" + during + "-1.tmp");
      assertThat(left(meta)).contains("owner-" + during).doesNotContain("owner-" + before);

      assertThat(ownership.staging().sweep(other)).isEqualTo(1);
      assertThat(ownership.staging().removeDeadOwners()).isEqualTo(1);
      assertThat(left(other)).isEmpty();
      assertThat(left(meta)).containsExactly("lock", "owner-" + ownership.owner());
    }
  }

  @Test
  void whatWasBegunAndNeverNamedGoesWhenItIsOld() throws IOException {
    String old = "owner-" + UUID.randomUUID() + ".new";
    String young = "owner-" + UUID.randomUUID() + ".new";
    String format = "format-" + UUID.randomUUID() + ".new";
    file(meta, old, 25);
    file(meta, young, 23);
    file(meta, format, 25);
    file(meta, "notes.new", 1000);
    String directory = "owner-" + UUID.randomUUID() + ".new";
    Files.createDirectory(meta.resolve(directory));
    Files.setLastModifiedTime(meta.resolve(directory), FileTime.from(Instant.EPOCH));
    try (Ownership ownership = take()) {
      ownership.staging().sweep(base);
      assertThat(ownership.staging().removeDeadOwners()).isZero();
      assertThat(left(meta))
          .containsExactlyInAnyOrder(
              "lock", "notes.new", young, directory, "owner-" + ownership.owner());
    }
  }

  @Test
  void aCopiedDirectoryIsSweptThoughItsOwnersLiveElsewhere(@TempDir Path copy) throws IOException {
    try (Ownership original = take()) {
      Path copiedMeta = Files.createDirectory(copy.resolve(".lmcache"));
      Files.createFile(copiedMeta.resolve("owner-" + original.owner()));
      Path staged = Files.createFile(copy.resolve(original.stagingPrefix() + "1.tmp"));
      try (Ownership ownership =
          Ownership.take(OwnershipTest.options(copy, true), copy, CLOCK, FileLocks.SYSTEM)) {
        assertThat(ownership.staging().sweep(copy)).isEqualTo(1);
        assertThat(ownership.staging().removeDeadOwners()).isEqualTo(1);
        assertThat(staged).doesNotExist();
      }
    }
  }

  @Test
  void ofManySweepersAtOnceEachFileIsRemovedByOne() throws Exception {
    int sweepers = 4;
    int dead = 10;
    int perOwner = 20;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < dead; i++) {
        UUID owner = UUID.randomUUID();
        ownerFile(owner, 0, "");
        for (int counter = 0; counter < perOwner; counter++) {
          staged(owner, counter, 0);
        }
      }
      List<Ownership> ownerships = new ArrayList<>();
      ExecutorService pool = Executors.newFixedThreadPool(sweepers);
      try {
        List<Future<int[]>> sweeps = new ArrayList<>();
        for (int i = 0; i < sweepers; i++) {
          Ownership ownership = take();
          ownerships.add(ownership);
          Files.writeString(base.resolve(ownership.stagingPrefix() + "0.tmp"), "own");
        }
        for (Ownership ownership : ownerships) {
          sweeps.add(
              pool.submit(
                  () ->
                      new int[] {
                        ownership.staging().sweep(base), ownership.staging().removeDeadOwners()
                      }));
        }
        int files = 0;
        int owners = 0;
        for (Future<int[]> sweep : sweeps) {
          files += sweep.get()[0];
          owners += sweep.get()[1];
        }
        assertThat(files).isEqualTo(dead * perOwner);
        assertThat(owners).isEqualTo(dead);
        assertThat(left(base)).hasSize(1 + sweepers);
        assertThat(left(meta)).hasSize(1 + sweepers);
      } finally {
        pool.shutdownNow();
        for (Ownership ownership : ownerships) {
          Files.deleteIfExists(base.resolve(ownership.stagingPrefix() + "0.tmp"));
          ownership.close();
        }
      }
    }
  }

  @Test
  void withoutLocksTheDirectoryIsTreatedAsSharedAndOnlyWhatIsOldGoes() throws IOException {
    UUID dead = UUID.randomUUID();
    ownerFile(dead, 100, "");
    staged(dead, 1, 23);
    staged(dead, 2, 25);
    try (Ownership exclusive = takeWithoutLocks(false);
        Ownership another = takeWithoutLocks(false);
        Ownership shared = takeWithoutLocks(true)) {
      for (Ownership ownership : List.of(exclusive, another, shared)) {
        assertThat(ownership.exclusive()).isFalse();
        assertThat(ownership.locks()).isFalse();
        assertThat(ownership.details()).containsEntry("ownership", "shared (no lock support)");
        assertThat(ownership.warning())
            .isEqualTo(
                base
                    + " is on a file system without locks (No locks available): it is treated as"
                    + " shared, and what others left in staging is removed only after 24 hours");
      }
      assertThat(shared.details()).containsEntry("owners", "4");
      Path others = file(base, exclusive.stagingPrefix() + "1.tmp", 23);
      Path own = file(base, shared.stagingPrefix() + "1.tmp", 100);

      assertThat(shared.staging().sweep(base)).isEqualTo(1);
      assertThat(shared.staging().removeDeadOwners()).isZero();

      assertThat(others).exists();
      assertThat(own).exists();
      assertThat(left(base)).contains(".lmc-" + dead + "-1.tmp").hasSize(4);
      assertThat(left(meta)).contains("owner-" + dead).hasSize(5);
    }
    assertThat(left(meta)).containsExactly("lock", "owner-" + dead);
  }

  @Test
  void whoHasNoLocksIsNotDeadForOneWhoHas() throws IOException {
    UUID without = UUID.randomUUID();
    ownerFile(without, 0, "{\"pid\": 7, \"host\": \"b\", \"locks\": false}");
    staged(without, 1, 100);
    try (Ownership ownership = take()) {
      assertThat(ownership.warning()).isNull();
      assertThat(ownership.details()).containsEntry("owners", "2");
      assertThat(ownership.staging().sweep(base)).isZero();
      assertThat(ownership.staging().removeDeadOwners()).isZero();
    }
    assertThat(left(base)).hasSize(2);
    assertThat(left(meta)).containsExactly("lock", "owner-" + without);
  }

  @Test
  void aLockThatOnlySomeFilesHaveIsNone() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    FileLocks.Locker partly =
        (channel, shared) -> {
          if (calls.incrementAndGet() == 2) { // The first is for the owner file.
            throw new IOException("Function not implemented");
          }
          return FileLocks.SYSTEM.tryLock(channel, shared);
        };
    try (Ownership ownership =
        Ownership.take(OwnershipTest.options(base, false), base, CLOCK, partly)) {
      assertThat(ownership.locks()).isFalse();
      assertThat(ownership.exclusive()).isFalse();
      assertThat(ownership.warning()).contains("(Function not implemented)");
    }
  }

  @Test
  void aDirectoryThatIsNotThereCannotBeSwept() throws IOException {
    try (Ownership ownership = take()) {
      assertThatThrownBy(() -> ownership.staging().sweep(base.resolve("none")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("none");
    }
  }

  @Test
  void stagingNamesAreToldFromAllOthers() {
    UUID owner = new UUID(0x0123456789abcdefL, 0x8123456789abcdefL);
    Map<String, Boolean> names =
        Map.of(
            ".lmc-" + owner + "-0.tmp",
            true,
            ".lmc-" + owner + "-probe.tmp",
            true,
            ".lmc-" + owner + "-probed.tmp",
            true,
            ".lmc-" + owner + "-18446744073709551615.tmp",
            true,
            ".lmc-" + owner + "-.tmp",
            false,
            ".lmc-" + owner + "-1.tmp\n",
            false,
            ".lmc-" + owner + "-\u0661.tmp",
            false,
            ".lmc-1-2-3-4-5-1.tmp",
            false,
            "lmc-" + owner + "-1.tmp",
            false);
    assertThat(names)
        .allSatisfy((name, is) -> assertThat(Ownership.isStagingName(name)).isEqualTo(is));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a check takes files for, and what a repair removes. */
final class DirectoryCheckTest {

  private static final int SIZE = 5_000;

  @TempDir Path dir;

  private Path base = Path.of("");
  private final List<Path> worthless = new ArrayList<>();
  private int next;

  private ObjectKey key() {
    return Raw.key("org/model", 1000 + next++);
  }

  private Path object(int levels, int size) throws Exception {
    return ObjectFiles.put(base, levels, key(), size);
  }

  private static void flip(Path file, int offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 8)}), offset);
    }
  }

  private void fill(int levels) throws Exception {
    base = Files.createDirectories(dir.resolve("kv cache"));
    FormatFile.write(base, TestDirectory.options(base, "", levels), () -> false);
    for (int size : new int[] {0, 1, SIZE, 1 << 20, (1 << 20) + 1}) {
      object(levels, size);
    }
    ObjectFiles.put(base, levels, ObjectFiles.longKey(1), SIZE);
    ObjectKey unsummed = key();
    ObjectFiles.setAttribute(
        ObjectFiles.putPlain(base, levels, unsummed, SIZE),
        ObjectAttribute.withoutChecksum(SIZE, KeyDigest.of(unsummed)).encode());
    ObjectFiles.putPlain(base, levels, key(), SIZE);
    corrupt(levels);
    worthless.add(ObjectFiles.putPlain(base, levels, key(), 0));
    for (int size : new int[] {0, SIZE}) {
      ObjectKey newer = key();
      ObjectFiles.setAttribute(
          ObjectFiles.putPlain(base, levels, newer, size), ObjectFiles.newerAttribute(newer, size));
    }
    Files.writeString(base.resolve("notes"), "foreign");
    Path file = object(levels, 10);
    Files.delete(file);
    Files.createDirectory(file);
    Path link = object(levels, 10);
    Files.move(link, dir.resolve("linked"));
    Files.createSymbolicLink(link, dir.resolve("linked"));
  }

  private void corrupt(int levels) throws Exception {
    Path malformed = object(levels, SIZE);
    ObjectFiles.setAttribute(malformed, new byte[36]);
    Path shorter = object(levels, SIZE);
    try (FileChannel channel = FileChannel.open(shorter, StandardOpenOption.WRITE)) {
      channel.truncate(SIZE - 1);
    }
    Path emptied = object(levels, SIZE);
    Files.write(emptied, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    ObjectKey other = key();
    Path swapped = ObjectFiles.putPlain(base, levels, other, SIZE);
    ObjectFiles.setAttribute(swapped, ObjectFiles.attribute(key(), SIZE).encode());
    Path first = object(levels, SIZE);
    flip(first, 0);
    Path last = object(levels, 3 << 20);
    flip(last, (3 << 20) - 1);
    Path named = ObjectFiles.put(base, levels, ObjectFiles.longKey(2), SIZE);
    flip(named, 17);
    worthless.addAll(List.of(malformed, shorter, emptied, swapped, first, last, named));
  }

  private Map<String, String> everything() throws IOException {
    return ObjectFiles.everythingBelow(dir, null);
  }

  private static final Map<CheckKind, Long> ALL =
      Map.of(
          CheckKind.VERIFIED, 6L,
          CheckKind.NO_CHECKSUM, 1L,
          CheckKind.UNVERIFIED, 1L,
          CheckKind.CORRUPT, 7L,
          CheckKind.EMPTY, 1L,
          CheckKind.NEWER, 2L,
          CheckKind.FOREIGN, 3L);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void eachFileIsWhatTheTableSaysAndNothingChanges(int levels) throws Exception {
    fill(levels);
    Map<String, String> before = everything();

    CheckReport report = Checks.check(base);

    assertThat(Checks.files(report)).isEqualTo(ALL);
    assertThat(report.objects().files()).isEqualTo(8);
    assertThat(report.objects().bytes()).isEqualTo(1 + 4 * SIZE + 2 * (1 << 20) + 1);
    assertThat(report.of(CheckKind.CORRUPT).bytes()).isEqualTo(5 * SIZE - 1 + (3 << 20));
    assertThat(report.problems()).isEqualTo(8);
    assertThat(report.left()).isEqualTo(8);
    assertThat(report.findings()).noneMatch(CheckFinding::removed);
    assertThat(report.isClean()).isFalse();
    assertThat(report.complete()).isTrue();
    assertThat(report.place().hashSubdirLevels()).isEqualTo(levels);
    assertThat(report.findings().stream().map(CheckFinding::path))
        .containsExactlyInAnyOrderElementsOf(worthless);
    assertThat(report.findings().stream().map(CheckFinding::reason))
        .contains(
            "its attribute is damaged",
            "its attribute says 5000 bytes, the file has 4999",
            "its attribute is another key's",
            "its bytes do not match their checksum");
    assertThat(everything()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aRepairRemovesWhatIsWorthNothingAndTheNextOneFindsNothing(int levels) throws Exception {
    fill(levels);
    Set<String> gone = new HashSet<>();
    worthless.forEach(file -> gone.add(dir.toUri().relativize(file.toUri()).getRawPath()));
    Map<String, String> kept = everything();
    kept.keySet().removeAll(gone);

    CheckReport report = Checks.repair(base);

    assertThat(Checks.files(report)).isEqualTo(ALL);
    assertThat(report.problems()).isEqualTo(8);
    assertThat(report.left()).isZero();
    assertThat(report.findings()).hasSize(8).allMatch(CheckFinding::removed);
    assertThat(report.of(CheckKind.CORRUPT).removed()).isEqualTo(7);
    assertThat(report.isClean()).isTrue();
    assertThat(everything()).isEqualTo(kept);
    CheckReport again = Checks.repair(base);
    assertThat(again.problems()).isZero();
    assertThat(again.isClean()).isTrue();
    assertThat(again.objects()).isEqualTo(report.objects());
  }

  /** Upstream's directories have no .lmcache, before as after. */
  @Test
  void aDirectoryOfUpstreamIsUnverifiedAndStaysAsItIs() throws Exception {
    base = dir.resolve("upstream");
    ObjectFiles.putPlain(base, 0, key(), SIZE);
    ObjectKey both = key();
    ObjectFiles.putPlain(base, 0, both, SIZE);
    String own = ObjectFileNames.encode(both);
    Files.write(Raw.path(base, own.replaceFirst("@0@", "@")), new byte[3]);
    Files.write(
        Raw.path(base, ObjectFileNames.encode(key()).replaceFirst("@0@", "@")), new byte[4]);
    Map<String, String> before = everything();

    for (CheckReport report : List.of(Checks.check(base), Checks.repair(base))) {
      assertThat(Checks.files(report))
          .isEqualTo(Map.of(CheckKind.UNVERIFIED, 3L, CheckKind.FOREIGN, 1L));
      assertThat(report.objects().bytes()).isEqualTo(2 * SIZE + 4);
      assertThat(report.place().formatFile()).isFalse();
      assertThat(report.isClean()).isTrue();
      assertThat(everything()).isEqualTo(before);
    }
  }

  /** A copy comes without it, and a repair by root must not leave one that only root may open. */
  @Test
  void aLockThatWasNotThereIsNotLeft() throws Exception {
    base = dir.resolve("copy");
    object(0, SIZE);
    FormatFile.write(base, TestDirectory.options(base, "", 0), () -> false);

    assertThat(Checks.repair(base).isClean()).isTrue();

    try (var files = Files.list(base.resolve(".lmcache"))) {
      assertThat(files).containsExactly(base.resolve(".lmcache/format.json"));
    }
  }

  @Test
  void ofManyProblemsSoManyAreNamedAndAllAreCountedAndRemoved() throws Exception {
    base = Files.createDirectory(dir.resolve("many"));
    int many = 300;
    for (int i = 0; i < many; i++) {
      ObjectFiles.putPlain(base, 0, key(), 0);
    }
    CheckReport report = Checks.check(base);
    assertThat(report.findings()).hasSize(100);
    assertThat(report.problems()).isEqualTo(many);
    assertThat(Checks.repair(base).of(CheckKind.EMPTY))
        .isEqualTo(new CheckReport.Tally(many, 0, many));
    assertThat(base).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "missing, does not exist",
    "file, is not a directory",
    "broken, is a link that leads nowhere",
    "kv/.lmcache, is a part of",
    "kv/ab, is a part of",
    "kv/ab/cd, is a part of"
  })
  void whatIsNoDirectoryOfObjectsIsRefused(String name, String reason) throws Exception {
    Files.createFile(dir.resolve("file"));
    Files.createSymbolicLink(dir.resolve("broken"), dir.resolve("nowhere"));
    Files.createDirectories(dir.resolve("kv/ab/cd"));
    Files.createDirectories(dir.resolve("kv/.lmcache"));
    Files.createFile(dir.resolve("kv/.lmcache/lock"));
    Path wrong = dir.resolve(name);

    assertThat(DirectoryCheck.refusal(wrong)).startsWith(reason);
    assertThatThrownBy(() -> DirectoryCheck.of(wrong))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(wrong + " " + reason);
    assertThat(DirectoryCheck.refusal(dir.resolve("kv"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "format.json, true",
    "lock, true",
    "owner-01234567-89ab-cdef-0123-456789abcdef, true",
    "owner-x, false",
    "settings.yaml, false"
  })
  void aboveItOnlyADirectoryOfThisFormatCounts(String file, boolean ours) throws Exception {
    Path part = Files.createDirectories(dir.resolve("home/kv"));
    Files.createDirectory(dir.resolve("home/.lmcache"));
    Files.createFile(dir.resolve("home/.lmcache").resolve(file));
    assertThat(DirectoryCheck.refusal(part) != null).isEqualTo(ours);
  }

  @Test
  void aLinkAndASlashLeadToTheDirectory() throws Exception {
    base = dir.resolve("kv cache");
    object(0, SIZE);
    Files.createSymbolicLink(dir.resolve("link"), base);
    for (Path way : List.of(dir.resolve("link"), Path.of(base + "/"), Path.of(base + "/./"))) {
      assertThat(Checks.files(Checks.check(way))).isEqualTo(Map.of(CheckKind.VERIFIED, 1L));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"version\": 2, \"hash_subdir_levels\": 0}|format version 2",
        "{\"version\": 1, \"hash_subdir_levels\": 9}|wrong \"hash_subdir_levels\"",
        "''|is empty",
        "garbage|restore it"
      })
  void aFormatThatIsNotUnderstoodIsRefusedAndNothingTouched(String content, String reason)
      throws Exception {
    base = Files.createDirectory(dir.resolve("kv"));
    Files.createDirectory(base.resolve(".lmcache"));
    Files.writeString(base.resolve(".lmcache/format.json"), content);
    ObjectFiles.putPlain(base, 0, key(), 0);
    Map<String, String> before = everything();
    assertThatThrownBy(() -> Checks.repair(base))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
    assertThat(everything()).isEqualTo(before);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which rules a directory was written, and who is refused. */
final class FormatFileTest {

  private static final FormatFile.ObjectSearch NONE = () -> false;
  private static final FormatFile.ObjectSearch SOME = () -> true;

  @TempDir Path temp;

  private Path base;
  private Path file;

  static DirectoryOptions options(Path base, int levels) {
    DirectoryOptions options = DirectoryOptions.of(base, "fs_java");
    return new DirectoryOptions(
        base,
        "",
        levels,
        true,
        true,
        options.directoryMode(),
        options.fileMode(),
        Fsync.NONE,
        options.adapterType());
  }

  @BeforeEach
  void directory() throws IOException {
    base = Files.createDirectory(temp.resolve("base"));
    file = base.resolve(".lmcache/format.json");
  }

  private void given(String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  /** Everything below a directory with size, time of change and inode. */
  private Map<String, String> everything() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(temp)) {
      for (Path path : files.toList()) {
        found.put(
            path.toString(),
            Files.readAttributes(
                    path, "unix:size,ctime,lastModifiedTime,ino,mode", LinkOption.NOFOLLOW_LINKS)
                .toString());
      }
    }
    return found;
  }

  private void refused(int levels, FormatFile.ObjectSearch objects, String message)
      throws IOException {
    Map<String, String> before = everything();
    assertThat(before).hasSizeGreaterThanOrEqualTo(2);
    assertThatThrownBy(() -> FormatFile.check(base, levels, objects))
        .isInstanceOf(IOException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> FormatFile.write(base, options(base, levels), objects))
        .isInstanceOf(IOException.class)
        .hasMessage(message);
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void anUpstreamDirectoryIsRefusedWithLevelsAndNothingIsWritten() throws IOException {
    Files.writeString(base.resolve("m@0x01000100@0@0001.data"), "payload");

    for (int levels = 1; levels <= 2; levels++) {
      refused(
          levels,
          SOME,
          base
              + " holds objects without subdirectories with \"hash_subdir_levels\": 0, the"
              + " configuration says "
              + levels
              + "; set hash_subdir_levels to 0, or use another base_path (there is no"
              + " .lmcache/format.json)");
    }
    assertThat(file.getParent()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void checkingANewDirectoryWritesNothing(int levels) throws IOException {
    Map<String, String> before = everything();
    FormatFile.check(base, levels, NONE);
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void whereThereAreNoLevelsNobodyLooksForObjects() throws IOException {
    FormatFile.ObjectSearch never =
        () -> {
          throw new AssertionError("a directory of millions would be walked");
        };
    FormatFile.check(base, 0, never);
    FormatFile.write(base, options(base, 0), never);
    given("{\"version\": 1, \"hash_subdir_levels\": 2}");
    FormatFile.check(base, 2, never);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatIsWrittenIsFoundAgainAndOtherLevelsAreRefused(int levels) throws IOException {
    FormatFile.write(base, options(base, levels), NONE);

    assertThat(file).hasContent("{\"version\": 1, \"hash_subdir_levels\": " + levels + "}\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
    Map<String, String> before = everything();
    FormatFile.write(base, options(base, levels), SOME);
    FormatFile.check(base, levels, SOME);
    assertThat(everything()).isEqualTo(before);
    int other = (levels + 1) % 3;
    refused(
        other,
        NONE,
        base
            + " was written with \"hash_subdir_levels\": "
            + levels
            + ", the configuration says "
            + other
            + "; set hash_subdir_levels to "
            + levels
            + ", or use another base_path");
  }

  @Test
  void aNewerVersionIsRefusedWhateverElseItSays() throws IOException {
    given("{\"hash_subdir_levels\": 9, \"version\": 7, \"layout\": \"tree\"}");
    refused(
        0,
        NONE,
        file
            + " has format version 7, this version reads up to 1; use a newer version, or another"
            + " base_path");
  }

  @Test
  void whatCannotBeReadIsRefusedWithPathAndReason() throws IOException {
    Map<String, String> cases = new TreeMap<>();
    cases.put("", "is empty");
    cases.put("{}", "has no \"version\"");
    cases.put("{\"version\": 1}", "has no \"hash_subdir_levels\"");
    cases.put("{\"hash_subdir_levels\": 0}", "has no \"version\"");
    cases.put("{\"version\": 0, \"hash_subdir_levels\": 0}", "has a wrong \"version\": 0");
    cases.put("{\"version\": \"1\", \"hash_subdir_levels\": 0}", "has a wrong \"version\": 1");
    cases.put(
        "{\"version\": 1, \"hash_subdir_levels\": 3}", "has a wrong \"hash_subdir_levels\": 3");
    cases.put(
        "{\"version\": 1, \"hash_subdir_levels\": -1}", "has a wrong \"hash_subdir_levels\": -1");
    cases.put(
        "{\"version\": 1, \"hash_subdir_levels\": 4294967296}",
        "has a wrong \"hash_subdir_levels\": 4294967296");
    cases.put("{\"version\": 1, \"version\": 1}", "has \"version\" twice");
    cases.put("garbage", "has 'g' where '{' should be, at character 1");
    cases.put("{\"version\": 1, ", "has the end where '\"' should be, at character 16");
    for (Map.Entry<String, String> one : cases.entrySet()) {
      given(one.getKey());
      refused(
          0,
          NONE,
          file
              + " "
              + one.getValue()
              + "; restore it as {\"version\": 1, \"hash_subdir_levels\": N}, or use another"
              + " base_path");
    }
    assertThat(cases).hasSize(12);
  }

  @Test
  void whatIsNoFileIsRefused() throws IOException {
    Files.createDirectories(file);
    refused(
        0,
        NONE,
        file
            + " is not a regular file; restore it as {\"version\": 1, \"hash_subdir_levels\": N}, or"
            + " use another base_path");
    Files.delete(file);
    byte[] large = new byte[70_000];
    Arrays.fill(large, (byte) ' ');
    Files.write(file, large);
    assertThatThrownBy(() -> FormatFile.check(base, 0, NONE)).hasMessageContaining(" is too large");
    Files.delete(file);
    Files.delete(file.getParent());
    Files.createFile(file.getParent());
    refused(0, NONE, "cannot read " + file + ": Not a directory");
  }

  @Test
  void otherFieldsAnyOrderAndWhiteSpaceAreAccepted() throws IOException {
    given(
        "\r\n{ \"note\" :\t\"a \\\"}\\u00e9\", \"hash_subdir_levels\":2,\"since\": -5 ,"
            + " \"x\": true,\n\"version\" : 1 }\n ");
    FormatFile.check(base, 2, SOME);
    assertThatThrownBy(() -> FormatFile.check(base, 1, NONE)).hasMessageContaining("says 1");
  }

  @Test
  void aFileThatAppearsDuringTheSearchForObjectsCounts() throws IOException {
    FormatFile.ObjectSearch slow =
        () -> {
          given("{\"version\": 1, \"hash_subdir_levels\": 1}");
          return false;
        };
    assertThatThrownBy(() -> FormatFile.write(base, options(base, 2), slow))
        .hasMessageContaining("was written with \"hash_subdir_levels\": 1");
    assertThat(file).hasContent("{\"version\": 1, \"hash_subdir_levels\": 1}");
  }

  @Test
  void ofTwoCreatorsWithDifferentLevelsOneIsRefused() throws Exception {
    int rounds = 100;
    int[] wins = new int[2];
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < rounds; round++) {
        Path directory = Files.createDirectory(temp.resolve("round" + round));
        CyclicBarrier barrier = new CyclicBarrier(2);
        List<Future<Boolean>> attempts = new ArrayList<>();
        for (int levels = 0; levels < 2; levels++) {
          DirectoryOptions options = options(directory, levels);
          attempts.add(pool.submit(() -> writes(directory, options, barrier)));
        }
        boolean first = attempts.get(0).get();
        assertThat(attempts.get(1).get()).as("round %s", round).isEqualTo(!first);
        int winner = first ? 0 : 1;
        wins[winner]++;
        assertThatCode(() -> FormatFile.check(directory, winner, NONE)).doesNotThrowAnyException();
        try (Stream<Path> files = Files.list(directory.resolve(".lmcache"))) {
          assertThat(files.map(path -> path.getFileName().toString()))
              .containsExactly("format.json");
        }
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(wins[0] + wins[1]).isEqualTo(rounds);
  }

  /** Both are at the link at the same time, so neither has seen the other's file before. */
  private static boolean writes(Path directory, DirectoryOptions options, CyclicBarrier barrier) {
    try {
      FormatFile.write(
          directory,
          options,
          NONE,
          (link, existing) -> {
            try {
              barrier.await();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
            Files.createLink(link, existing);
          });
      return true;
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("the configuration says " + options.hashSubdirLevels());
      return false;
    }
  }

  @Test
  void ofTwoProcessesThatCreateItOneIsRefused() throws Exception {
    try (OwnershipChild one = new OwnershipChild(base);
        OwnershipChild two = new OwnershipChild(base)) {
      for (int round = 0; round < 20; round++) {
        Files.deleteIfExists(file);
        one.send("write 1");
        two.send("write 2");
        List<String> answers = List.of(one.answer(), two.answer());
        int winner = answers.get(0).equals("written 1") ? 1 : 2;
        assertThat(answers.get(winner - 1)).isEqualTo("written " + winner);
        assertThat(answers.get(2 - winner))
            .startsWith("refused " + base + " was written with \"hash_subdir_levels\": " + winner);
        FormatFile.check(base, winner, NONE);
      }
    }
  }

  @Test
  void whereThereAreNoHardLinksTheFileIsCreatedAllTheSame() throws IOException {
    List<FormatFile.Linker> unable =
        List.of(
            (link, existing) -> {
              throw new UnsupportedOperationException("planned: no links");
            },
            (link, existing) -> {
              throw new FileSystemException(
                  link.toString(), existing.toString(), "Operation not permitted");
            });
    for (FormatFile.Linker linker : unable) {
      FormatFile.write(base, options(base, 2), NONE, linker);
      assertThat(file).hasContent("{\"version\": 1, \"hash_subdir_levels\": 2}\n");
      try (Stream<Path> files = Files.list(file.getParent())) {
        assertThat(files).containsExactly(file);
      }
      Files.delete(file);

      // Another one is there first, in the moment after the check.
      assertThatThrownBy(
              () ->
                  FormatFile.write(
                      base,
                      options(base, 2),
                      NONE,
                      (link, existing) -> {
                        given("{\"version\": 1, \"hash_subdir_levels\": 1}");
                        linker.link(link, existing);
                      }))
          .hasMessageContaining("was written with \"hash_subdir_levels\": 1");
      assertThat(file).hasContent("{\"version\": 1, \"hash_subdir_levels\": 1}");
      Files.delete(file);
    }
  }
}

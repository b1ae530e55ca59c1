// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.cli.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says, and to which exit code it comes. */
final class FsckCommandTest {

  private static final List<String> KINDS =
      List.of(
          "verified",
          "no_checksum",
          "unverified",
          "corrupt",
          "empty",
          "newer",
          "foreign",
          "staging_living",
          "staging_dead",
          "staging_unowned",
          "owner_dead",
          "unreadable");

  @TempDir Path dir;

  private static Cli.Result fsck(Path base, String... flags) {
    List<String> args = new ArrayList<>(List.of("fsck", base.toString()));
    args.addAll(List.of(flags));
    return new Cli().run(args.toArray(String[]::new));
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  private Ward ward() throws Exception {
    return Ward.in(dir.resolve("kv cache"));
  }

  @Test
  void aSoundDirectoryIsClean() throws Exception {
    Ward ward = ward();
    ward.sound(1);
    ward.sound(2);

    Cli.Result result = fsck(ward.base());

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .startsWith(ward.base() + ": ")
        .contains("no format.json")
        .containsPattern("\nobjects +2 +6,000\n {2}verified +2 +6,000\n")
        .endsWith("\n\nno problems\n");
  }

  @Test
  void anEmptyDirectoryIsCleanAndStaysEmpty() throws Exception {
    for (String[] flags : new String[][] {{}, {"--repair"}}) {
      Cli.Result result = fsck(ward().base(), flags);
      assertThat(result.code()).isZero();
      assertThat(result.out()).contains("no problems");
      assertThat(ward().base()).isEmptyDirectory();
    }
  }

  @Test
  void problemsAreNamedAndRepairedAndThenThereAreNone() throws Exception {
    Ward ward = ward();
    Path sound = ward.sound(1);
    Path corrupt = ward.corrupt(2);
    Path empty = ward.empty(3);

    Cli.Result found = fsck(ward.base());
    assertThat(found.code()).isEqualTo(1);
    assertThat(found.err()).isEmpty();
    assertThat(found.out())
        .containsPattern("\nobjects +1 +3,000\n")
        .containsPattern("\ncorrupt +1 +3,000\n")
        .containsPattern("\nempty, left by a crash +1 +0\n")
        .contains(
            "  corrupt  there  "
                + corrupt.getFileName()
                + ": its bytes do not match their checksum\n")
        .contains("  empty    there  " + empty.getFileName() + "\n")
        .endsWith("\n\n2 found; --repair would remove 2\n");
    assertThat(List.of(sound, corrupt, empty)).allMatch(Files::exists);

    Cli.Result repaired = fsck(ward.base(), "--repair");
    assertThat(repaired.code()).isZero();
    assertThat(repaired.err()).isEmpty();
    assertThat(repaired.out())
        .contains("  corrupt  removed  " + corrupt.getFileName())
        .endsWith("\n\n2 removed, 0 left\n");
    assertThat(ward.base()).isDirectoryContaining(sound::equals);
    assertThat(List.of(corrupt, empty)).noneMatch(Files::exists);

    Cli.Result again = fsck(ward.base(), "--repair");
    assertThat(again.code()).isZero();
    assertThat(again.out()).endsWith("no problems\n");
  }

  @Test
  void jsonHasEveryKindAndAllProblems() throws Exception {
    Ward ward = ward();
    int many = 30;
    for (int n = 0; n < many; n++) {
      ward.corrupt(n);
    }
    Path sound = ward.sound(many);
    Files.writeString(ward.base().resolve("notes"), "x");

    Cli.Result result = fsck(ward.base(), "--format", "json", "--threads", "3");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).isEmpty();
    JsonNode report = json(result.out());
    List<String> names = new ArrayList<>();
    report.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
            "directory",
            "file_system",
            "format_file",
            "hash_subdir_levels",
            "attributes",
            "users",
            "in_use_by",
            "repair",
            "clean",
            "objects",
            "kinds",
            "gone_meanwhile",
            "bytes_read",
            "problem_count",
            "problems_left",
            "problems");
    assertThat(report.get("directory").asText()).isEqualTo(ward.base().toString());
    assertThat(report.get("clean").asBoolean()).isFalse();
    assertThat(report.get("objects")).hasToString("{\"files\":1,\"bytes\":3000}");
    List<String> kinds = new ArrayList<>();
    report.get("kinds").fieldNames().forEachRemaining(kinds::add);
    assertThat(kinds).isEqualTo(KINDS);
    assertThat(report.get("kinds").get("corrupt"))
        .hasToString("{\"files\":30,\"bytes\":90000,\"removed\":0}");
    assertThat(report.get("kinds").get("foreign").get("files").asInt()).isEqualTo(1);
    // Each of the damaged is read twice.
    assertThat(report.get("bytes_read").asLong()).isEqualTo((2L * many + 1) * Ward.SIZE);
    assertThat(report.get("problem_count").asInt()).isEqualTo(many);
    assertThat(report.get("problems")).hasSize(many);
    List<String> paths = report.get("problems").findValuesAsText("path");
    assertThat(paths).isSorted().doesNotHaveDuplicates().doesNotContain(sound.toString());
    assertThat(report.get("problems").get(0).get("kind").asText()).isEqualTo("corrupt");
    assertThat(report.get("problems").get(0).get("removed").asBoolean()).isFalse();
    assertThat(report.get("problems").get(0).get("bytes").asInt()).isEqualTo(Ward.SIZE);
  }

  @Test
  void forPeopleTheListIsShortUnlessTheyAskForMore() throws Exception {
    Ward ward = ward();
    for (int n = 0; n < 25; n++) {
      ward.empty(n);
    }
    String few = fsck(ward.base()).out();
    assertThat(few).contains("  and 5 more; -v lists them\n").contains("25 found");
    assertThat(few.lines().filter(line -> line.contains("there"))).hasSize(20);
    String all = fsck(ward.base(), "-v").out();
    assertThat(all).doesNotContain("more");
    assertThat(all.lines().filter(line -> line.contains("there"))).hasSize(25);
  }

  @Test
  void theReportGoesToAFile() throws Exception {
    Ward ward = ward();
    ward.corrupt(1);
    Path file = dir.resolve("report.json");
    Cli.Result result = fsck(ward.base(), "--format", "json", "--output", file.toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(json(Files.readString(file)).get("problem_count").asInt()).isEqualTo(1);
  }

  @Test
  void progressIsShownToWhoWatchesAndLeavesTheLine() throws Exception {
    Ward ward = ward();
    ward.sound(1);
    String[] args = {"fsck", ward.base().toString()};
    Cli.Result watched = new Cli().watched().run(args);
    assertThat(watched.err()).contains("\r0 files, 0 MiB read, 0 problems").endsWith(" \r");
    assertThat(watched.out()).endsWith("no problems\n");
    assertThat(new Cli().watched().run("fsck", "-q", ward.base().toString()).err()).isEmpty();
  }

  @Test
  void whatFailsLeavesTheLineTooAndThenSaysWhy() throws Exception {
    Ward ward = ward();
    Files.createDirectories(ward.base().resolve(".lmcache/lock"));
    String[] args = {"fsck", "--repair", ward.base().toString()};
    Cli.Result result = new Cli().watched().run(args);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("\r ").contains(" \rlmcache: ");
  }

  @ParameterizedTest
  @CsvSource({
    "missing, missing does not exist",
    "'', DIR is empty",
    "~/kv, ~ is not expanded",
    "file, file is not a directory",
    "kv/.lmcache, is a part of",
    "kv/ab, is a part of"
  })
  void whatIsNoDirectoryOfObjectsIsWrongUsage(String name, String problem) throws Exception {
    Files.createFile(dir.resolve("file"));
    Files.createDirectories(dir.resolve("kv/.lmcache"));
    Files.createFile(dir.resolve("kv/.lmcache/lock"));
    Files.createDirectories(dir.resolve("kv/ab"));
    boolean asItIs = name.isEmpty() || name.startsWith("~");
    String given = asItIs ? name : dir.resolve(name).toString();
    for (String[] args : new String[][] {{"fsck", given}, {"fsck", "--repair", given}}) {
      Cli.Result result = new Cli().run(args);
      assertThat(result.code()).isEqualTo(2);
      assertThat(result.out()).isEmpty();
      assertThat(result.errLines()).hasSize(2);
      assertThat(result.errLines().get(0)).startsWith("lmcache: ").contains(problem);
      assertThat(result.errLines().get(1)).isEqualTo("try: lmcache fsck --help");
    }
    assertThat(dir.resolve("kv/ab")).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"0", "65", "-1"})
  void threadsAreLimited(String threads) throws Exception {
    Cli.Result result = fsck(ward().base(), "--threads", threads);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--threads must be between 1 and 64, got " + threads);
  }

  @Test
  void aNewerFormatIsOneLineAndNoReport() throws Exception {
    Ward ward = ward();
    Files.createDirectory(ward.base().resolve(".lmcache"));
    Files.writeString(ward.base().resolve(".lmcache/format.json"), "{\"version\": 2}");
    Cli.Result result = fsck(ward.base(), "--repair");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines())
        .singleElement()
        .asString()
        .contains("has format version 2, this version reads up to 1");
  }
}

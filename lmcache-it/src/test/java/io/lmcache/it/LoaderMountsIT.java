// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The library where file systems are mounted without exec, read-only, or full, and for a user
 * without name and home. The mounts are those of a namespace that ends with the process.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class LoaderMountsIT {

  private static final List<String> NAMESPACE =
      List.of("unshare", "-m", "--propagation", "private");

  private static final String NOEXEC_HOME = "mount -t tmpfs -o noexec none \"$HOME_DIR\"";
  private static final String NOEXEC_TMP = "mount -t tmpfs -o noexec none \"$TMP_DIR\"";
  private static final String READ_ONLY_HOME =
      "mount --bind \"$HOME_DIR\" \"$HOME_DIR\" && mount -o remount,bind,ro \"$HOME_DIR\"";
  private static final String READ_ONLY_TMP =
      "mount --bind \"$TMP_DIR\" \"$TMP_DIR\" && mount -o remount,bind,ro \"$TMP_DIR\"";

  @TempDir Path dir;

  private byte[] library;
  private String name;
  private Path home;
  private Path tmp;
  private Path cache;
  private Path temporary;

  @BeforeAll
  static void needsNamespaces() throws Exception {
    List<String> trial = new ArrayList<>(NAMESPACE);
    trial.addAll(List.of("mount", "-t", "tmpfs", "none", "/mnt"));
    Needs.program("mounting", trial.toArray(String[]::new));
  }

  @BeforeEach
  void prepare() throws Exception {
    library = LoaderRuns.library(Programs.LIB);
    name = LoaderRuns.nameOf(library);
    home = Files.createDirectory(dir.resolve("home"));
    tmp = Files.createDirectory(dir.resolve("tmp"));
    cache = home.resolve(".cache/lmcache/native");
    temporary = tmp.resolve("lmcache-native-" + Files.getAttribute(dir, "unix:uid"));
  }

  /** What a process says for which some lines of shell have been run, and some run after it. */
  private String says(String before, String after, String... more) throws Exception {
    List<String> options = new ArrayList<>();
    options.add("-Duser.home=" + home);
    options.add("-Djava.io.tmpdir=" + tmp);
    options.addAll(List.of(more));
    List<String> command = new ArrayList<>(NAMESPACE);
    command.addAll(List.of("sh", "-ec", before + "\n\"$@\"\n" + after, "sh"));
    command.addAll(LoaderRuns.program(Programs.LIB, options.toArray(String[]::new)));
    return LoaderRuns.says(
        dir, Map.of("HOME_DIR", home.toString(), "TMP_DIR", tmp.toString()), command);
  }

  @Test
  void withoutExecAnywhereBothDirectoriesAreNamed() throws Exception {
    String said = says(NOEXEC_HOME + "\n" + NOEXEC_TMP, "");
    assertThat(said)
        .startsWith("unavailable ")
        .contains(cache.resolve(name).toString(), temporary.resolve(name).toString())
        .contains("-Dlmcache.native.dir=DIR", "-Dlmcache.native.path=FILE", "\"fs_java\"");
    assertThat(said.split("mounted noexec", -1)).as(said).hasSize(3);

    Path chosen = dir.resolve("chosen");
    assertThat(says(NOEXEC_HOME + "\n" + NOEXEC_TMP, "", "-Dlmcache.native.dir=" + chosen))
        .isEqualTo("loaded " + chosen.resolve(name));
  }

  @Test
  void withoutExecInOneTheOtherServes() throws Exception {
    assertThat(says(NOEXEC_HOME, "")).isEqualTo("loaded " + temporary.resolve(name));
    assertThat(says(NOEXEC_TMP, "")).isEqualTo("loaded " + cache.resolve(name));
  }

  @Test
  void withAReadOnlyHomeTheTemporaryDirectoryServes() throws Exception {
    assertThat(says(READ_ONLY_HOME, "")).isEqualTo("loaded " + temporary.resolve(name));
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void whereNothingCanBeWrittenItIsSaidOfBoth() throws Exception {
    String said = says(READ_ONLY_HOME + "\n" + READ_ONLY_TMP, "");
    assertThat(said)
        .startsWith("unavailable ")
        .contains(cache.toString(), temporary.toString(), "-Dlmcache.native.dir=DIR")
        .contains("\"fs_java\"");
    assertThat(said.split("Read-only file system", -1)).as(said).hasSize(3);
    assertThat(home).isEmptyDirectory();
    assertThat(tmp).isEmptyDirectory();
  }

  @Test
  void whatWasUnpackedBeforeServesFromAReadOnlyHome() throws Exception {
    assertThat(says("", "")).isEqualTo("loaded " + cache.resolve(name));
    assertThat(says(READ_ONLY_HOME + "\n" + READ_ONLY_TMP, ""))
        .isEqualTo("loaded " + cache.resolve(name));
    assertThat(tmp).isEmptyDirectory();
  }

  /** Only the number tells such users apart. */
  @Test
  void aUserWithoutNameAndHomeHasADirectoryByNumber() throws Exception {
    for (int uid : new int[] {54321, 54322}) {
      List<String> command = new ArrayList<>();
      command.addAll(List.of("unshare", "-U", "--map-user=" + uid, "--map-group=" + uid));
      List<String> trial = new ArrayList<>(command);
      trial.add("true");
      Needs.program("being another user", trial.toArray(String[]::new));
      command.addAll(List.of("env", "-u", "HOME", "-u", "USER"));
      command.addAll(LoaderRuns.program(Programs.LIB, "-Djava.io.tmpdir=" + tmp));
      assertThat(LoaderRuns.says(dir, Map.of(), command))
          .isEqualTo("loaded " + tmp.resolve("lmcache-native-" + uid).resolve(name));
    }
    assertThat(LoaderRuns.in(tmp)).hasSize(2);
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void aFullDiskIsNamedAndHoldsNothingAfterwards() throws Exception {
    int filler = (1 << 20) - library.length / 2;
    String full =
        "mount -t tmpfs -o size=1m none \"$TMP_DIR\"\n"
            + "head -c "
            + filler
            + " /dev/zero >\"$TMP_DIR/filler\"";
    String list = "ls -A \"$TMP_DIR\" \"$TMP_DIR/native\"";
    String said = says(full, list, "-Dlmcache.native.dir=" + tmp + "/native");
    List<String> lines = said.lines().toList();
    assertThat(lines.get(0))
        .startsWith("unavailable ")
        .contains(tmp + "/native", "No space left on device", "\"fs_java\"");
    assertThat(lines.subList(1, lines.size()))
        .containsExactly(tmp + ":", "filler", "native", "", tmp + "/native:");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.ObjectFiles.everythingBelow;
import static io.lmcache.l2.fs.Raw.key;
import static io.lmcache.l2.fs.TestDirectory.options;
import static io.lmcache.l2.fs.TestDirectory.visited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Looking at a directory: what is told, and that nothing of it changes. */
final class VisitTest {

  private static final String DEAD = "00000000-0000-4000-8000-000000000000";

  @TempDir Path dir;

  private static Map<String, String> look(DirectoryOptions options) throws IOException {
    try (ObjectDirectory directory = ObjectDirectory.examine(options)) {
      assertThat(directory.attributes()).isTrue();
      assertThat(visited(directory)).isEmpty();
      return directory.details();
    }
  }

  /** With all that opening would have swept, removed or created. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsThereStays(boolean persists) throws Exception {
    Path base = Files.createDirectory(dir.resolve("kv cache"));
    ObjectDirectory.open(options(base, "tmp", 0, false, true)).close();
    ObjectFiles.put(base, 0, key("ours", 1), 100);
    ObjectFiles.putPlain(base, 0, key("upstream", 2), 100);
    ObjectFiles.putPlain(base, 0, key("empty", 3), 0);
    Files.writeString(base.resolve(".lmcache/owner-" + DEAD), "{\"pid\": 1}");
    Files.createFile(base.resolve(".lmc-" + DEAD + "-1.tmp"));
    Files.createFile(base.resolve("tmp/.lmc-" + DEAD + "-2.tmp"));
    Map<String, String> before = everythingBelow(dir, null);
    assertThat(before).hasSizeGreaterThan(10);

    Map<String, String> told = look(options(base, "tmp", 0, false, persists));

    assertThat(everythingBelow(dir, null)).isEqualTo(before);
    assertThat(told)
        .containsEntry("base_path", base.toString())
        .containsEntry("exclusive", "requested=true effective=true")
        .containsEntry("owners", "0")
        .containsEntry("locks", "yes")
        .containsEntry("attributes", "yes")
        .doesNotContainKeys("base_path_exists", "foreign_files");
  }

  @Test
  void anEmptyDirectoryStaysEmpty() throws Exception {
    assertThat(look(options(dir, "tmp/deep", 2, false, false)))
        .containsEntry("persist_enabled", "requested=false effective=true");
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void whatIsNotThereIsNotMade() throws Exception {
    Path base = dir.resolve("not/yet");
    Map<String, String> told = look(options(base, "tmp", 1, false, true));

    assertThat(told)
        .containsEntry("base_path", base.toString())
        .containsEntry("base_path_exists", "no, it would be made in " + dir)
        .containsEntry("file_system", Files.getFileStore(dir).type());
    assertThat(dir).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false"})
  void whoeverExcludesIsNamedAndNotDisturbed(boolean first, boolean second) throws Exception {
    try (ObjectDirectory user = ObjectDirectory.open(options(dir, "", 0, first, true))) {
      ObjectFiles.put(dir, 0, key("m", 1), 100);
      Map<String, String> before = everythingBelow(dir, null);

      Map<String, String> told = look(options(dir, "", 0, second, true));

      assertThat(told.get(second ? "shared" : "exclusive"))
          .matches(
              "requested=true effective=false reason="
                  + OwnershipTest.inUse(
                          Long.toString(ProcessHandle.current().pid()),
                          first ? "shared" : "exclusive")
                      .replace("fs_java", "fs_test"));
      assertThat(told).containsEntry("owners", "1");
      assertThat(everythingBelow(dir, null)).isEqualTo(before);
      assertThat(visited(user)).hasSize(1);
      assertThatThrownBy(() -> ObjectDirectory.open(options(dir, "", 0, second, true)))
          .hasMessageStartingWith("base_path is in use");
    }
    assertThat(look(options(dir, "", 0, second, true))).containsEntry("owners", "0");
  }

  @Test
  void sharedOnesDoNotExcludeEachOther() throws Exception {
    try (ObjectDirectory user = ObjectDirectory.open(options(dir, "", 0, true, true))) {
      assertThat(user.exclusive()).isFalse();
      assertThat(look(options(dir, "", 0, true, true)))
          .containsEntry("ownership", "shared")
          .containsEntry("owners", "1")
          .doesNotContainKeys("shared", "exclusive");
    }
  }

  @Test
  void whatCannotBeUsedIsRefusedAsOpeningWould() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "x");
    Path written = Files.createDirectory(dir.resolve("written"));
    ObjectDirectory.open(options(written, "", 1, false, true)).close();
    Path odd = Files.createDirectory(dir.resolve("odd"));
    Files.createFile(odd.resolve(".lmcache"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("nowhere"));
    Map<String, String> before = everythingBelow(dir, null);

    assertRefused(options(file, "", 0, false, true), "base_path " + file + " is not a directory");
    assertRefused(options(file.resolve("x/y"), "", 0, false, true), file + " is not a directory");
    assertRefused(
        options(link, "", 0, false, true), "base_path " + link + " is a link that leads nowhere; ");
    assertRefused(options(dir, "file", 0, false, true), "relative_tmp_dir " + file);
    assertRefused(options(dir, "../x", 0, false, true), "is not below base_path");
    assertRefused(options(written, "", 0, false, true), "set hash_subdir_levels to 1");
    assertRefused(options(odd, "", 0, false, true), "cannot read " + odd.resolve(".lmcache"));
    assertThat(everythingBelow(dir, null)).isEqualTo(before);
  }

  private static void assertRefused(DirectoryOptions options, String why) {
    assertThatThrownBy(() -> look(options))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }
}

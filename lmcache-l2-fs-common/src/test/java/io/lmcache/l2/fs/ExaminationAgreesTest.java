// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.ObjectFiles.everythingBelow;
import static io.lmcache.l2.fs.TestDirectory.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What does not open is refused by an examination too, in the same words, and the examination has
 * changed nothing by then. The limit only detects that somebody waits for a pipe.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ExaminationAgreesTest {

  private static final String TOO_LONG = ": File name too long";

  /** The longest path that Linux takes, without the zero at its end. */
  private static final int MAX_PATH = 4095;

  @TempDir Path dir;

  private Path base;

  @BeforeEach
  void used() throws IOException {
    base = dir.resolve("base");
    ObjectDirectory.open(options(base, "", 0)).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "below", "a/b"})
  void aNameTooLongForBasePath(String below) throws IOException {
    Path name = dir.resolve("new/" + "n".repeat(256));
    Path wanted = name.resolve(below);
    assertRefused(
        options(wanted, "", 0), "cannot create base_path " + wanted + ": " + name + TOO_LONG);
    assertBothOpen(options(dir.resolve("more/" + "n".repeat(255)).resolve(below), "", 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aNameTooLongForStaging(boolean exists) throws IOException {
    Path wanted = exists ? base : dir.resolve("new");
    Path name = wanted.resolve("tmp/" + "n".repeat(256));
    assertRefused(
        options(wanted, "tmp/" + name.getFileName() + "/x", 0),
        "cannot create relative_tmp_dir " + name.resolve("x") + ": " + name + TOO_LONG);
    assertBothOpen(options(wanted, "tmp/" + "n".repeat(255), 0));
  }

  @Test
  void aPathTooLong() throws IOException {
    Path wanted = longPath(dir, MAX_PATH + 1);
    assertRefused(
        options(wanted, "", 0), "cannot create base_path " + wanted + ": " + wanted + TOO_LONG);
    assertRefused(
        options(wanted.resolve("x/y"), "", 0),
        "cannot create base_path " + wanted.resolve("x/y") + ": " + wanted + TOO_LONG);
    Path staging = longPath(base, MAX_PATH + 1);
    assertRefused(
        options(base, base.relativize(staging).toString(), 0),
        "cannot create relative_tmp_dir " + staging + ": " + staging + TOO_LONG);
  }

  @Test
  void aPathThatLeavesNoRoomForOurNames() throws IOException {
    Path noMeta = longPath(dir, MAX_PATH - 8);
    assertRefused(
        options(noMeta, "", 0),
        "cannot write to " + noMeta + ": " + noMeta.resolve(".lmcache") + TOO_LONG);
    int owner = "/.lmcache/owner-00000000-0000-4000-8000-000000000000.new".length();
    Path noOwner = longPath(dir, MAX_PATH - owner + 1);
    assertRefused(
        options(noOwner, "", 0),
        "cannot write to " + noOwner + ": " + noOwner.resolve(".lmcache/owner-#.new") + TOO_LONG);
    int probe = "/.lmc-00000000-0000-4000-8000-000000000000-probe.tmp".length();
    Path staging = longPath(base, MAX_PATH - probe + 1);
    assertRefused(
        options(base, base.relativize(staging).toString(), 0),
        "cannot write to " + staging + TOO_LONG);
    Path fits = longPath(base, MAX_PATH - probe);
    assertBothOpen(options(base, base.relativize(fits).toString(), 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipe", "directory", "link", "dangling link"})
  void aLockThatIsNoFile(String kind) throws Exception {
    Path lock = base.resolve(".lmcache/lock");
    make(kind, lock);
    assertRefused(options(base, "", 0), lock + " is not a regular file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipe", "directory", "link", "dangling link"})
  void aFormatThatIsNoFile(String kind) throws Exception {
    Path format = base.resolve(".lmcache/format.json");
    make(kind, format);
    assertRefused(
        options(base, "", 0),
        format
            + " is not a regular file; restore it as {\"version\": 1, \"hash_subdir_levels\": N},"
            + " or use another base_path");
  }

  @Test
  void aLinkToNothingInPlaceOfWhatIsKnown() throws IOException {
    Path other = Files.createDirectory(dir.resolve("other"));
    Path meta = Files.createSymbolicLink(other.resolve(".lmcache"), dir.resolve("nowhere"));
    assertRefused(options(other, "", 0), meta + " is not a directory");
  }

  /** Puts something else where a file of ours is. */
  private void make(String kind, Path file) throws Exception {
    if (kind.equals("link")) {
      Files.createSymbolicLink(file, Files.move(file, dir.resolve("moved")));
      return;
    }
    Files.delete(file);
    switch (kind) {
      case "pipe" ->
          assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
      case "directory" -> Files.createDirectory(file);
      default -> Files.createSymbolicLink(file, dir.resolve("nowhere"));
    }
  }

  /** A path of exactly so many bytes, of names that each have their place. */
  private static Path longPath(Path below, int length) {
    StringBuilder path = new StringBuilder(below.toString());
    while (path.length() < length - 202) {
      path.append('/').append("d".repeat(200));
    }
    path.append('/').append("e".repeat(length - path.length()));
    assertThat(path).hasSize(length);
    return Path.of(path.toString());
  }

  private void assertRefused(DirectoryOptions options, String why) throws IOException {
    Map<String, String> before = everythingBelow(dir, null);
    IOException examined =
        catchThrowableOfType(IOException.class, () -> ObjectDirectory.examine(options).close());
    assertThat(examined).as("examined").isNotNull();
    assertThat(everythingBelow(dir, null)).isEqualTo(before);
    IOException opened =
        catchThrowableOfType(IOException.class, () -> ObjectDirectory.open(options).close());
    assertThat(opened).as("opened").isNotNull();

    assertThat(withoutOwners(opened)).isEqualTo(why);
    assertThat(withoutOwners(examined)).isEqualTo(why);
  }

  private static String withoutOwners(IOException e) {
    return String.valueOf(e.getMessage()).replaceAll(MetaDirectory.UUID_PATTERN, "#");
  }

  private static void assertBothOpen(DirectoryOptions options) throws IOException {
    ObjectDirectory.examine(options).close();
    ObjectDirectory.open(options).close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectDirectoryPrepareTest {

  @Test
  void whatIsMissingIsCreatedForTheOwnerOnly(@TempDir Path temp) throws IOException {
    Path there = Files.createDirectory(temp.resolve("there"));
    String before = mode(there);
    Path base = there.resolve("a/b/base");

    ObjectDirectory directory = TestDirectory.open(base, "c/staging");

    for (String created : new String[] {"a", "a/b", "a/b/base", "a/b/base/c/staging"}) {
      assertThat(mode(there.resolve(created))).as(created).isEqualTo("rwx------");
    }
    assertThat(mode(base.resolve("c"))).isEqualTo("rwx------");
    assertThat(mode(there)).isEqualTo(before);
    assertThat(directory.base()).isEqualTo(base);
    assertThat(directory.staging()).isEqualTo(base.resolve("c/staging"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tmp", "deep/er", " with spaces ", ".", "./tmp/"})
  void noProbeIsLeftBehindAndItWorksTwice(String relative, @TempDir Path temp) throws IOException {
    Path base = temp.resolve("base");

    ObjectDirectory first = TestDirectory.open(base, relative);
    ObjectDirectory second = TestDirectory.open(base, relative);

    assertThat(filesBelow(base)).isZero();
    try (Stream<Path> meta = Files.list(base.resolve(".lmcache"))) {
      assertThat(meta.map(path -> path.getFileName().toString().replaceFirst("-.*", "")))
          .containsExactlyInAnyOrder("format.json", "lock", "owner", "owner");
    }
    assertThat(second.base()).isEqualTo(first.base());
    assertThat(second.staging()).isEqualTo(first.staging()).isDirectory();
    assertThat(first.stagingPrefix()).startsWith(".lmc-").isNotEqualTo(second.stagingPrefix());
  }

  @Test
  void anyPathWillDo(@TempDir Path temp) throws Exception {
    Path spaces = temp.resolve("with some spaces/and %41 ? + #");
    Path letters = Raw.path(temp, "größe 模型");
    for (Path base : new Path[] {spaces, letters}) {
      ObjectDirectory directory = TestDirectory.open(base, "t m p");
      Raw.put(directory.base(), Raw.key("é", 1), 7);
      int[] seen = {0};
      directory.forEach(object -> seen[0] += (int) object.sizeBytes());
      assertThat(seen[0]).isEqualTo(7);
    }
  }

  @Test
  void aRelativePathCountsFromTheWorkingDirectory(@TempDir Path temp) throws IOException {
    Path relative = Path.of("").toAbsolutePath().relativize(temp.resolve("x/../base"));

    ObjectDirectory directory = TestDirectory.open(relative, "");

    assertThat(directory.base()).isEqualTo(temp.resolve("base")).isDirectory();
    assertThat(directory.staging()).isEqualTo(directory.base());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "link", "none/where"})
  void aLinkThatLeadsNowhereIsSaidToBeThat(String target, @TempDir Path temp) throws IOException {
    String said = "%s: is a link that leads nowhere; create what it leads to, or remove it";
    Path link = Files.createSymbolicLink(temp.resolve("link"), Path.of(target));
    for (Path base : new Path[] {link, link.resolve("below/it")}) {
      assertThatIOException()
          .isThrownBy(() -> TestDirectory.open(base, ""))
          .withMessage("cannot create base_path " + base + ": " + said.formatted(link));
    }

    Path base = Files.createDirectory(temp.resolve("base"));
    Path staging = Files.createSymbolicLink(base.resolve("link"), Path.of(target));
    assertThatIOException()
        .isThrownBy(() -> TestDirectory.open(base, "link"))
        .withMessage("cannot create relative_tmp_dir " + staging + ": " + said.formatted(staging));
    assertThat(staging).isSymbolicLink();
    assertThat(temp.resolve("nowhere")).doesNotExist();
    assertThat(base.resolve("nowhere")).doesNotExist();
  }

  @Test
  void aLinkToADirectoryIsADirectory(@TempDir Path temp) throws IOException {
    Path real = Files.createDirectory(temp.resolve("real"));
    Path link = Files.createSymbolicLink(temp.resolve("link"), real);

    assertThat(TestDirectory.open(link, "tmp").base()).isEqualTo(link);
    assertThat(TestDirectory.open(link.resolve("below"), "").base()).isDirectory();
    assertThat(real.resolve("tmp")).isDirectory();
  }

  @Test
  void aBaseThatIsAFileIsRefused(@TempDir Path temp) throws IOException {
    Path file = Files.createFile(temp.resolve("file"));

    assertThatIOException()
        .isThrownBy(() -> TestDirectory.open(file, ""))
        .withMessage("base_path " + file + " is not a directory");
    assertThat(file).isEmptyFile();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file/base", "file/deep/er/base"})
  void aParentThatIsAFileIsRefused(String base, @TempDir Path temp) throws IOException {
    Path file = Files.createFile(temp.resolve("file"));

    assertThatIOException()
        .isThrownBy(() -> TestDirectory.open(temp.resolve(base), ""))
        .withMessageStartingWith("cannot create base_path " + temp.resolve(base) + ": " + file)
        .withMessageEndingWith("Not a directory");
  }

  @Test
  void aStagingPlaceThatIsAFileIsRefused(@TempDir Path temp) throws IOException {
    Files.createFile(temp.resolve("file"));

    assertThatIOException()
        .isThrownBy(() -> TestDirectory.open(temp, "file"))
        .withMessage("relative_tmp_dir " + temp.resolve("file") + " is not a directory");
    assertThatIOException()
        .isThrownBy(() -> TestDirectory.open(temp, "file/tmp"))
        .withMessageStartingWith("cannot create relative_tmp_dir " + temp.resolve("file/tmp"));
    assertThat(filesBelow(temp)).isOne();
  }

  /** Nobody can create files there, whatever his rights. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aPlaceThatTakesNoFilesIsRefused() {
    assertThatIOException()
        .isThrownBy(() -> TestDirectory.open(Path.of("/proc"), ""))
        .withMessageStartingWith("cannot write to /proc: ");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** Other than those of the directory itself. */
  private static long filesBelow(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> !path.startsWith(directory.resolve(".lmcache")))
          .filter(path -> !Files.isDirectory(path))
          .count();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawPathsTest {

  private static final String NAMES_OF_ANY_KIND =
      "plain|a?b|?|%41|%|a b| |a+b;c#d&e=f|é|größe|模型|🚀|\ufffd|-|...|~|a\\b|\u0001|\u007f";

  @Test
  void anyNameComesBackFromTheDirectory(@TempDir Path directory) throws IOException {
    int names = 0;
    for (String name : NAMES_OF_ANY_KIND.split("\\|", -1)) {
      Path made = Files.createFile(Raw.path(directory, name));
      Path found = onlyFileIn(directory);

      assertThat(RawPaths.utf8Name(found)).isEqualTo(name);
      assertThat(RawPaths.utf8Name(made)).isEqualTo(name);
      assertThat(RawPaths.bytes(found))
          .isEqualTo((directory.toRealPath() + "/" + name).getBytes(UTF_8));
      Files.delete(found);
      names++;
    }
    assertThat(names).isEqualTo(19);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ff", // Never in UTF-8.
        "61ff62",
        "e4", // Latin-1.
        "67726ff6dfe5",
        "c3", // Cut off.
        "c0af", // A slash, overlong.
        "eda080", // A surrogate.
        "f4908080", // Beyond Unicode.
        "80"
      })
  void aNameThatIsNotUtf8HasNoText(String hex, @TempDir Path directory) throws IOException {
    byte[] name = HexFormat.of().parseHex(hex);
    Files.createFile(Raw.path(directory, name));
    Path found = onlyFileIn(directory);

    assertThat(RawPaths.utf8Name(found)).isNull();
    byte[] bytes = RawPaths.bytes(found);
    assertThat(HexFormat.of().formatHex(bytes)).endsWith("2f" + hex);
    assertThat(bytes).hasSize(RawPaths.bytes(directory).length + 1 + name.length);
  }

  @Test
  void whatIsThereMakesNoDifference(@TempDir Path directory) throws IOException {
    for (String name : new String[] {"plain", "é?"}) {
      Path path = Raw.path(directory, name);
      byte[] expected = (directory.toRealPath() + "/" + name).getBytes(UTF_8);

      assertThat(RawPaths.bytes(path)).isEqualTo(expected);
      assertThat(RawPaths.utf8Name(path)).isEqualTo(name);
      Files.createDirectory(path);
      assertThat(RawPaths.bytes(path)).isEqualTo(expected);
      assertThat(RawPaths.utf8Name(path)).isEqualTo(name);
    }
  }

  @Test
  void theRootIsASlashAndHasNoName() {
    Path root = Path.of("/");

    assertThat(RawPaths.bytes(root)).isEqualTo(new byte[] {'/'});
    assertThat(RawPaths.utf8Name(root)).isNull();
  }

  @Test
  void aRelativePathCountsFromTheWorkingDirectory() {
    assertThat(RawPaths.bytes(Path.of("a", "b")))
        .isEqualTo(RawPaths.bytes(Path.of("").toAbsolutePath().resolve("a/b")));
    assertThat(RawPaths.utf8Name(Path.of("a", "b"))).isEqualTo("b");
  }

  private static Path onlyFileIn(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.toRealPath())) {
      return files.iterator().next();
    }
  }
}

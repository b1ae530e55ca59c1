// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectNamesTest {

  private static final String REST = "@0x00000001@0@abcd.data";

  private static ObjectKey key(String hash, String model) {
    return ObjectKey.of(HexFormat.of().parseHex(hash), model, 1);
  }

  /** A key whose plain name has exactly so many bytes. */
  private static ObjectKey keyOfNameLength(int bytes) {
    return key("abcd", "m".repeat(bytes - REST.length()));
  }

  @ParameterizedTest
  @CsvSource({
    "0, abcdef, ''",
    "1, abcdef, ab",
    "2, abcdef, ab/cd",
    "2, abcd, ab/cd",
    "2, ab, ab/00",
    "1, '', 00",
    "2, '', 00/00",
    "0, '', ''"
  })
  void theHashNamesTheDirectory(int levels, String hash, String directory) throws Exception {
    ObjectNames names = new ObjectNames(levels, false);
    ObjectName name = names.of(key(hash, "m"));

    assertThat(name.directory()).isEqualTo(directory);
    assertThat(name.file()).isEqualTo("m@0x00000001@0@" + hash + ".data");
    assertThat(name.path())
        .isEqualTo(directory.isEmpty() ? name.file() : directory + "/" + name.file());
    assertThat(names.levels()).isEqualTo(levels);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void otherNumbersOfLevelsAreRefused(int levels) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ObjectNames(levels, true))
        .withMessageContaining("hash_subdir_levels")
        .withMessageContaining(String.valueOf(levels));
  }

  @Test
  void aFileInTheDirectoryOfAnotherHashIsForeign() throws Exception {
    List<String> directories =
        List.of("", "ab", "ac", "AB", "a", "abc", "ab/cd", "ab/00", "ab/CD", "cd/ab", "ab/cd/ef");
    String plain = "m" + REST;
    ObjectKey longKey = keyOfNameLength(256);
    String digest = ObjectFileNames.digestName(longKey);
    List<String> right = new ArrayList<>();
    for (int levels = 0; levels <= ObjectNames.MAX_LEVELS; levels++) {
      ObjectNames names = new ObjectNames(levels, true);
      for (String directory : directories) {
        boolean ours = directory.equals(List.of("", "ab", "ab/cd").get(levels));

        assertThat(names.decode(directory, plain) != null)
            .as("levels %d, directory %s", levels, directory)
            .isEqualTo(ours);
        assertThat(names.decodeDigest(directory, digest, longKey.toString()) != null)
            .as("digest, levels %d, directory %s", levels, directory)
            .isEqualTo(ours);
        if (ours) {
          right.add(directory);
        }
      }
    }
    assertThat(right).containsExactly("", "ab", "ab/cd");
  }

  @Test
  void onlyPairsOfLowerCaseDigitsAreObjectDirectories() {
    List<String> candidates =
        List.of(
            "",
            "ab",
            "00",
            "ff",
            "0a",
            "AB",
            "aB",
            "ag",
            "a",
            "abc",
            "a/b",
            "ab/",
            "/ab",
            "ab/cd",
            "00/ff",
            "ab/CD",
            "ab-cd",
            "ab/cg",
            "ab//cd",
            "ab/cd/",
            "ab/cd/ef",
            "ab/c",
            "\uff10a",
            ".lmcache",
            "..",
            ".",
            "tmp");

    assertThat(candidates.stream().filter(new ObjectNames(0, true)::isObjectDirectory))
        .containsExactly("");
    assertThat(candidates.stream().filter(new ObjectNames(1, true)::isObjectDirectory))
        .containsExactly("ab", "00", "ff", "0a");
    assertThat(candidates.stream().filter(new ObjectNames(2, true)::isObjectDirectory))
        .containsExactly("ab/cd", "00/ff");
    assertThat(candidates.stream().filter(new ObjectNames(0, true)::leadsToObjects))
        .containsExactly("");
    assertThat(candidates.stream().filter(new ObjectNames(1, true)::leadsToObjects))
        .containsExactly("", "ab", "00", "ff", "0a");
    assertThat(candidates.stream().filter(new ObjectNames(2, true)::leadsToObjects))
        .containsExactly("", "ab", "00", "ff", "0a", "ab/cd", "00/ff");
  }

  @Test
  void thereAre256DirectoriesOfOneLevel() {
    ObjectNames names = new ObjectNames(1, true);
    int directories = 0;
    for (int first = 0; first < 128; first++) {
      for (int second = 0; second < 128; second++) {
        directories += names.isObjectDirectory("" + (char) first + (char) second) ? 1 : 0;
      }
    }
    assertThat(directories).isEqualTo(256);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aNameOf255BytesIsPlainAndOneOf256ADigest(int levels) throws Exception {
    ObjectNames names = new ObjectNames(levels, true);
    ObjectKey fits = keyOfNameLength(255);
    ObjectKey tooLong = keyOfNameLength(256);
    ObjectKey longest = keyOfNameLength(2048);

    assertThat(names.of(fits).file().getBytes(StandardCharsets.UTF_8)).hasSize(255);
    assertThat(names.of(fits).digest()).isFalse();
    for (ObjectKey key : List.of(tooLong, longest)) {
      ObjectName name = names.of(key);
      assertThat(name.digest()).isTrue();
      assertThat(name.file()).hasSize(73).isEqualTo(ObjectFileNames.digestName(key));
      assertThat(names.decodeDigest(name.directory(), name.file(), key.toString())).isEqualTo(key);
    }
    assertThat(names.maxKeyBytes()).isEqualTo(2048);
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 2048})
  void withoutAttributesALongNameIsUnsupported(int bytes) throws Exception {
    ObjectNames names = new ObjectNames(1, false);
    ObjectKey tooLong = keyOfNameLength(bytes);

    assertThatExceptionOfType(UnsupportedKeyException.class)
        .isThrownBy(() -> names.of(tooLong))
        .withMessageContaining(bytes + " bytes")
        .withMessageContaining("255")
        .withMessageContaining("extended attributes")
        .withMessageContaining(tooLong.toString());
    assertThat(names.of(keyOfNameLength(255)).digest()).isFalse();
    assertThat(names.decodeDigest("ab", ObjectFileNames.digestName(tooLong), tooLong.toString()))
        .as("no writer of ours can have made it")
        .isNull();
  }

  /** Of a longer key no name fits, whatever it consists of. */
  @Test
  void theLongestKeyWithoutAttributesIsTheLongestOfANameThatFits() throws Exception {
    ObjectNames names = new ObjectNames(0, false);
    ObjectKey longest = keyOfNameLength(255);

    assertThat(names.of(longest).file()).isNotEmpty();
    assertThat(longest.toString().getBytes(StandardCharsets.UTF_8)).hasSize(names.maxKeyBytes());
    assertThat(names.maxKeyBytes()).isEqualTo(248);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aModelThatWouldDecodeToAnotherIsUnsupportedHoweverLong(boolean attributes) {
    ObjectNames names = new ObjectNames(2, attributes);
    for (String model : List.of("a-SEP-b", "a-SEP-b" + "m".repeat(300))) {
      assertThatExceptionOfType(UnsupportedKeyException.class)
          .isThrownBy(() -> names.of(key("ab", model)))
          .withMessageContaining("-SEP-")
          .withMessageContaining("serve the model under a name without it");
    }
  }
}

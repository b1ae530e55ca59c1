// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of keys whose plain names are too long. */
final class DigestNamesTest {

  private static final String DIGITS =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String LONG = "m".repeat(300);

  @Test
  void theKeyBesideTheNameIsChecked() {
    ObjectKey key = ObjectKey.of(new byte[] {1}, LONG, 1);
    String name = ObjectFileNames.digestName(key);

    assertThat(ObjectFileNames.isDigestName(name)).isTrue();
    assertThat(ObjectFileNames.decodeDigest(name, key.toString())).isEqualTo(key);
    List<String> others =
        List.of(
            "",
            LONG,
            key + "@",
            key + " ",
            " " + key,
            key + "@salt",
            key.toString().replace("@01", "@02"),
            key.toString().replace("@00000001", "@00000002"),
            key.toString().replace("@00000001", "@1"),
            "x" + key);
    for (String other : others) {
      assertThat(ObjectFileNames.decodeDigest(name, other)).as(other).isNull();
    }
    assertThat(ObjectFileNames.decode(name)).isNull();
    assertThat(ObjectFileNames.decodeOld(name)).isNull();
  }

  @Test
  void aKeyWhosePlainNameFitsHasNoDigestName() {
    ObjectKey key = ObjectKey.of(new byte[] {1}, "m", 1);

    assertThat(ObjectFileNames.decodeDigest(ObjectFileNames.digestName(key), key.toString()))
        .isNull();
  }

  @Test
  void aKeyWhoseModelHasNoNameHasNoDigestNameEither() {
    ObjectKey key = ObjectKey.of(new byte[] {1}, "-SEP-" + LONG, 1);

    assertThat(ObjectFileNames.decodeDigest(ObjectFileNames.digestName(key), key.toString()))
        .isNull();
  }

  @Test
  void aNameThatOnlyLooksLikeADigestIsNone() {
    ObjectKey key = ObjectKey.of(new byte[] {1}, LONG, 1);
    String name = ObjectFileNames.digestName(key);
    List<String> others =
        List.of(
            name.toUpperCase(Locale.ROOT),
            name.replace("lmc-", "LMC-"),
            name.replace(".data", ".DATA"),
            name.replace(".data", ".tmp"),
            "x" + name,
            name + ".tmp",
            name.substring(0, 67) + ".data");
    for (String other : others) {
      assertThat(ObjectFileNames.isDigestName(other)).as(other).isFalse();
      assertThat(ObjectFileNames.decodeDigest(other, key.toString())).as(other).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lmc-" + DIGITS + "0.data",
        "lmc-g" + DIGITS + ".data",
        "lmc_" + DIGITS + ".data",
        ".lmc-" + DIGITS + ".data",
        "lmc-" + DIGITS + ",data",
        "lmc-" + DIGITS,
        DIGITS + ".data",
        "lmc-.data",
        ""
      })
  void otherNamesAreNoDigestNames(String name) {
    assertThat(ObjectFileNames.isDigestName("lmc-" + DIGITS + ".data")).isTrue();
    assertThat(ObjectFileNames.isDigestName(name)).isFalse();
  }

  @Test
  void everyDigitCounts() {
    String right = "lmc-" + DIGITS + ".data";
    int changed = 0;
    for (int i = 4; i < 68; i++) {
      for (char c : new char[] {'g', 'A', 'F', '/', ':', '`', '@', '\uff10'}) {
        String name = right.substring(0, i) + c + right.substring(i + 1);
        assertThat(ObjectFileNames.isDigestName(name)).as(name).isFalse();
        changed++;
      }
    }
    assertThat(changed).isEqualTo(64 * 8);
  }
}

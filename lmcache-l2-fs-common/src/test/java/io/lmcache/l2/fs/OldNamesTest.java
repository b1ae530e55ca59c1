// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Upstream's names from before there were object groups. */
final class OldNamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".data",
        "m@0x00000001",
        "m@0x00000001.data",
        "m@0x00000001@ab",
        "m@0x00000001@ab.DATA",
        "m@0x00000001@ab.tmp",
        "m@0x00000001@AB.data",
        "m@0x00000001@abc.data",
        "m@0x00000001@zz.data",
        "m@0x00000001@0xab.data",
        "m@0X00000001@ab.data",
        "m@00000001@ab.data",
        "m@0x1@ab.data",
        "m@0x0000001@ab.data",
        "m@0x000000001@ab.data",
        "m@0x0000000A@ab.data",
        "m@0x@ab.data",
        "m@@ab.data",
        "m@0x8000000000000000@ab.data",
        "m@0x10000000000000000@ab.data",
        "m@0x00000001@ab@salt.data",
        "m@0x00000001@0@ab.data",
        "m@0x00000001@0@ab@salt.data",
        "m@0x00000001@ab@.data",
        "a/b@0x00000001@ab.data",
        "m\n@0x00000001@ab.data",
        "m\ud800@0x00000001@ab.data"
      })
  void otherNamesAreNoOldNames(String name) {
    assertThat(ObjectFileNames.decodeOld(name)).isNull();
  }

  @Test
  void anOldNameOf256BytesIsNone() {
    String rest = "@0x00000001@ab.data";
    String fits = "m".repeat(255 - rest.length());

    assertThat(ObjectFileNames.decodeOld(fits + rest))
        .isEqualTo(ObjectKey.of(new byte[] {(byte) 0xab}, fits, 1));
    assertThat(ObjectFileNames.decodeOld("m" + fits + rest)).isNull();
  }

  /** Also a hash that would be a group, since a fourth field is what tells the forms apart. */
  @Test
  void noNameIsReadInBothForms() {
    for (String name : new String[] {"m@0x00000001@00.data", "m@0x00000001@10.data"}) {
      assertThat(ObjectFileNames.decodeOld(name)).isNotNull();
      assertThat(ObjectFileNames.decode(name)).isNull();
    }
    for (String name : new String[] {"m@0x00000001@10@00.data", "m@0x00000001@10@.data"}) {
      assertThat(ObjectFileNames.decodeOld(name)).isNull();
      assertThat(ObjectFileNames.decode(name)).isNotNull();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.nio.MountTable.FileSystem;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read out of a table of mounts; real ones are in {@link OtherWorldTest}. */
final class MountTableTest {

  private static final MountTable TABLE =
      MountTable.of(
          """
          22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw,errors=remount-ro
          40 22 7:3 / /data/a\\040b rw,noatime shared:12 master:3 - ext4 /dev/loop3 rw,data=journal
          41 22 0:44 / /merged rw - overlay none rw,lowerdir=/l,upperdir=/a\\040b\\054\\134\\044,workdir=/w
          42 22 0:45 / /bare rw - overlay none ro,lowerdir=/l:/m
          43 22 0:46 / /odd rw unknown -
          no line of a table

          """);

  @Test
  void typeAndOptionsOfAFileSystem() {
    assertThat(TABLE.find("8:1"))
        .isEqualTo(new FileSystem("8:1", "ext4", List.of("rw", "errors=remount-ro")));
    assertThat(TABLE.find("7:3"))
        .isEqualTo(new FileSystem("7:3", "ext4", List.of("rw", "data=journal")));
  }

  @Test
  void valuesAreReadAsTheyWereGiven() {
    FileSystem overlay = Objects.requireNonNull(TABLE.find("0:44"));
    assertThat(overlay.option("upperdir")).isEqualTo("/a b,\\$");
    assertThat(overlay.option("rw")).isNull();
    FileSystem bare = Objects.requireNonNull(TABLE.find("0:45"));
    assertThat(bare.option("upperdir")).isNull();
    assertThat(bare.option("lowerdir")).isEqualTo("/l:/m");
  }

  @Test
  void whatIsNotThereIsNotKnown() {
    assertThat(TABLE.find("8:2")).isNull();
    assertThat(TABLE.find("0:46")).isNull();
    assertThat(MountTable.of("").find("8:1")).isNull();
  }

  /** The C library's encoding: 8 bits of each number, then 12 and 32 more. */
  @ParameterizedTest
  @CsvSource({
    "0x0801, 8:1",
    "0x002d, 0:45",
    "0x100700, 7:256",
    "0xfffffffff, 4095:16777215",
    "0x10000000000801, 1048584:1"
  })
  void deviceNumbers(String number, String device) {
    assertThat(MountTable.device(Long.decode(number))).isEqualTo(device);
  }
}

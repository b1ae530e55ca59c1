// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names must never change: they are what directories hold already. */
final class ObjectNamesGoldenTest {

  private static final int KEYS = 53;
  private static final int DIGESTS = 11;
  private static final int OLD_NAMES = 7;

  @Test
  void everyKeyHasItsPlaceInEveryLayout() throws Exception {
    List<String[]> rows = GoldenRows.of("names.tsv");
    Set<String> paths = new HashSet<>();
    int digests = 0;
    for (String[] row : rows) {
      ObjectKey key = ObjectKey.parse(row[0]);
      for (int levels = 0; levels <= ObjectNames.MAX_LEVELS; levels++) {
        ObjectNames names = new ObjectNames(levels, true);
        ObjectName name = names.of(key);

        assertThat(name.path()).as("%s, levels %d", row[0], levels).isEqualTo(row[2 + levels]);
        assertThat(paths.add(name.path())).as("shared: %s", name.path()).isTrue();
        assertThat(name.file().getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(255);
        assertThat(names.isObjectDirectory(name.directory())).isTrue();
        assertThat(name.digest()).isEqualTo(ObjectFileNames.isDigestName(name.file()));
        if (name.digest()) {
          digests++;
          assertThat(names.decode(name.directory(), name.file())).isNull();
          assertThat(names.decodeDigest(name.directory(), name.file(), row[0])).isEqualTo(key);
        } else {
          assertThat(names.decode(name.directory(), name.file())).isEqualTo(key);
          assertThat(names.decodeDigest(name.directory(), name.file(), row[0])).isNull();
          assertThat(new ObjectNames(levels, false).of(key)).isEqualTo(name);
          assertThat(ObjectFileNames.decodeOld(name.file())).isNull();
        }
      }
    }
    assertThat(rows).hasSize(KEYS);
    assertThat(paths).hasSize(KEYS * 3);
    assertThat(digests).isEqualTo(DIGESTS * 3);
  }

  @Test
  void everyKeyHasItsDigest() {
    List<String[]> rows = GoldenRows.of("names.tsv");
    for (String[] row : rows) {
      byte[] sha256 = HexFormat.of().parseHex(row[1]);
      ObjectKey key = ObjectKey.parse(row[0]);

      assertThat(KeyDigest.of(key)).as(row[0]).isEqualTo(Arrays.copyOf(sha256, 16));
      assertThat(ObjectFileNames.digestName(key)).isEqualTo("lmc-" + row[1] + ".data");
    }
    assertThat(rows).hasSize(KEYS);
  }

  @Test
  void oldNamesHaveTheKeysThatUpstreamStoredUnderThem() {
    List<String[]> rows = GoldenRows.of("old-names.tsv");
    for (String[] row : rows) {
      assertThat(ObjectFileNames.decodeOld(row[0])).as(row[0]).hasToString(row[1]);
      assertThat(ObjectFileNames.decode(row[0])).as(row[0]).isNull();
    }
    assertThat(rows).hasSize(OLD_NAMES);
  }
}

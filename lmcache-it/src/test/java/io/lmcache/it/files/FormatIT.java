// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A directory of another format is refused by the packaged command, in one line, untouched. */
@Tag("native")
final class FormatIT {

  private static final int OBJECTS = 5;

  @TempDir Path dir;

  private Path base() {
    return dir.resolve("kv");
  }

  static Stream<Arguments> changedLevels() {
    return Stream.of(new int[] {0, 1}, new int[] {1, 2}, new int[] {2, 0})
        .flatMap(
            levels ->
                Stream.of(Engine.values())
                    .map(engine -> Arguments.of(engine, levels[0], levels[1])));
  }

  private static String levels(int levels) {
    return "\"hash_subdir_levels\": " + levels;
  }

  private void fill(Engine engine, int levels) throws Exception {
    try (FileAdapter adapter = FileAdapter.open(engine, base(), levels(levels))) {
      for (int n = 0; n < OBJECTS; n++) {
        adapter.mustStore(Content.key("org/format", n), 1, 4000 + n);
      }
    }
  }

  private Programs.Ended bench(Engine engine, int levels) throws Exception {
    return Programs.lmcacheEnds(
        dir,
        "bench",
        "l2",
        "--l2-adapter",
        FileAdapter.json(engine, base(), levels(levels)),
        "--num-keys",
        "2",
        "--data-size-kb",
        "1");
  }

  private void assertRefused(Engine engine, int levels, String... facts) throws Exception {
    Map<String, String> before = OwnersFiles.listing(base());
    assertThat(before).hasSizeGreaterThan(OBJECTS);
    Programs.Ended ended = bench(engine, levels);
    assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
    assertThat(ended.err().lines()).as(ended.err()).hasSize(1);
    assertThat(ended.err()).contains(facts).contains(base().toString());
    assertThat(ended.err()).doesNotContain("Exception").doesNotContain("\tat ");
    assertThat(OwnersFiles.listing(base())).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("changedLevels")
  void otherSubdirectoryLevelsAreRefusedWithBothValues(Engine engine, int written, int configured)
      throws Exception {
    fill(engine.other(), written);
    assertRefused(engine, configured, levels(written), "the configuration says " + configured);
    try (FileAdapter same = FileAdapter.open(engine, base(), levels(written))) {
      assertThat(same.list()).hasSize(OBJECTS);
    }
  }

  @ParameterizedTest
  @MethodSource("changedLevels")
  void otherLevelsAreRefusedWithoutObjectsToo(Engine engine, int written, int configured)
      throws Exception {
    FileAdapter.open(engine.other(), base(), levels(written)).close();
    Map<String, String> before = OwnersFiles.listing(base());
    Programs.Ended ended = bench(engine, configured);
    assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
    assertThat(ended.err().lines()).as(ended.err()).hasSize(1);
    assertThat(OwnersFiles.listing(base())).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aNewerVersionIsRefusedWithBothValues(Engine engine) throws Exception {
    fill(engine, 0);
    Path format = base().resolve(".lmcache/format.json");
    assertThat(format).content().contains("\"version\": 1");
    Files.writeString(format, "{\"version\": 2, \"hash_subdir_levels\": 0, \"novel\": true}");
    assertRefused(engine, 0, "format version 2", "reads up to 1");
    Files.writeString(format, "{\"version\": 1, \"hash_subdir_levels\": 0, \"novel\": true}");
    try (FileAdapter understood = FileAdapter.open(engine, base())) {
      assertThat(understood.list()).hasSize(OBJECTS);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.BatchProgram;
import io.lmcache.it.Needs;
import io.lmcache.it.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code "fsync": "full"} has synced, and when, as strace sees it. */
@Tag("native")
final class FsyncIT {

  /** Thread, call, and the path of its descriptor. */
  private static final Pattern SYNC = Pattern.compile("^(\\d+) +(fsync|fdatasync)\\(\\d+<([^>]*)>");

  /** Thread, staging file and object, which one engine gives as they are and one below the base. */
  private static final Pattern RENAME =
      Pattern.compile("^(\\d+) +rename(?:at)?\\(.*?\"([^\"]*\\.tmp)\".*\"([^\"]*\\.data)\"");

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void everyNameThatLeadsToAnObjectIsSyncedBeforeItIsAcknowledged(Engine engine) throws Exception {
    Needs.that(Files.exists(Path.of("/usr/bin/strace")), "strace is not installed");
    Path base = dir.resolve("new/parents/kv");
    Path trace = dir.resolve("trace");
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-y", "-s", "512"));
    command.addAll(List.of("-e", "trace=rename,renameat,fsync,fdatasync", "-o", trace.toString()));
    command.addAll(
        Programs.program(
            BatchProgram.class,
            List.of(),
            FileAdapter.json(
                engine,
                base,
                "\"fsync\": \"full\"",
                "\"relative_tmp_dir\": \"tmp/below\"",
                "\"hash_subdir_levels\": 2")));
    Programs.Ended ended = Programs.run(dir, Map.of(), command);
    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.out()).startsWith("stored " + BatchProgram.KEYS);
    check(Files.readAllLines(trace), base);
  }

  private static Path above(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  private static Path name(Path path) {
    return Objects.requireNonNull(path.getFileName());
  }

  private void check(List<String> calls, Path base) {
    Set<Path> synced = new HashSet<>();
    Map<String, Path> owed = new HashMap<>(); // by the thread that renamed
    int objects = 0;
    for (String call : calls) {
      Matcher sync = SYNC.matcher(call);
      Matcher rename = RENAME.matcher(call);
      if (sync.find()) {
        Path path = Path.of(sync.group(3));
        Path directory = owed.remove(sync.group(1));
        assertThat(directory).as(call).isIn(null, path);
        synced.add(path);
      } else if (rename.find()) {
        Path directory = above(base.resolve(rename.group(3)));
        assertThat(above(above(directory))).isEqualTo(base);
        assertThat(synced)
            .as("before %s", call)
            .contains(base, above(directory))
            .contains(base.resolve("tmp/below").resolve(name(Path.of(rename.group(2)))));
        owed.put(rename.group(1), directory);
        objects++;
      }
    }
    assertThat(owed).as("renamed, and not synced").isEmpty();
    assertThat(objects).isEqualTo(BatchProgram.KEYS);
    assertThat(synced)
        .contains(dir, dir.resolve("new"), dir.resolve("new/parents"), base, base.resolve("tmp"));
  }
}

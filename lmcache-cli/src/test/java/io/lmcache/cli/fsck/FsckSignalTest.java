// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.cli.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals to a check in a process of its own. */
final class FsckSignalTest {

  private static final Pattern READING = Pattern.compile("[1-9][0-9,]* MiB read");

  @TempDir Path dir;

  /** It is given up amid a file that takes too long; a repair gives the directory back. */
  @ParameterizedTest
  @CsvSource({"INT,130,--quiet=false", "TERM,143,--quiet=false", "INT,130,--repair"})
  void theFileUnderWayIsGivenUpAndNothingReported(String signal, int code, String flag)
      throws Exception {
    Ward ward = Ward.in(dir.resolve("kv"));
    Path endless = ward.endless(1);
    List<String> command = new ArrayList<>(ChildProcess.javaCommand());
    command.addAll(List.of("fsck", flag, ward.base().toString()));
    Map<String, String> watched = Map.of("JDK_JAVA_OPTIONS", "-Dlmcache.stderr.tty=true");
    try (ChildProcess child = ChildProcess.start(dir, watched, command)) {
      child.await(() -> READING.matcher(child.err()).find());
      assertThat(Files.exists(ward.base().resolve(".lmcache"))).isEqualTo(flag.equals("--repair"));
      child.signal(signal);

      assertThat(child.exitCode()).isEqualTo(code);
      assertThat(child.err()).contains("lmcache: interrupted: ending");
      assertThat(child.err()).doesNotContain("gave up");
      assertThat(child.out()).isEmpty();
      try (Stream<Path> after = Files.list(ward.base())) {
        assertThat(after).containsExactly(endless);
      }
    }
  }
}

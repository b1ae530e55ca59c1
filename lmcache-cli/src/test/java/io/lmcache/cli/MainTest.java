// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {

  private static final String BROKEN = "{\"type\": \"test_memory\", \"fault\": \"open_fails\"}";

  @Test
  void theVersionIsOneLine() {
    Cli.Result result = new Cli().run("--version");

    assertThat(result.code()).isZero();
    assertThat(result.out().lines()).hasSize(1);
    assertThat(result.out()).startsWith("lmcache ").contains("java " + Runtime.version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "bench --help",
        "bench l2 --help",
        "adapters -h",
        "bench l2 -h",
        "fsck -h"
      })
  void everyCommandHasHelpWithoutColours(String line) {
    Cli.Result result = new Cli().run(line.split(" ", -1));

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).startsWith("Usage: lmcache").doesNotContain("\u001b");
    assertThat(result.out().lines()).allMatch(text -> text.length() <= 80);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'a command is missing: adapters, bench', lmcache --help",
    "bench, a command is missing: l2, lmcache bench --help",
    "benhc, 'no command benhc; there are: adapters, bench', lmcache --help",
    "bench l3, no command l3; there are: l2, lmcache bench --help",
    "adapters --what, --what, lmcache adapters --help",
    "bench l2 extra, extra, lmcache bench l2 --help"
  })
  void wrongUsageIsAProblemAndAHint(String line, String problem, String hint) {
    Cli.Result result = new Cli().run(line.isEmpty() ? new String[0] : line.split(" ", -1));

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines()).hasSize(2);
    assertThat(result.errLines().get(0)).startsWith("lmcache: ").contains(problem);
    assertThat(result.errLines().get(1)).isEqualTo("try: " + hint);
  }

  @Test
  void stackTracesAreForTheCurious(@TempDir Path directory) throws Exception {
    for (List<String> order :
        List.of(
            List.of("-v", "bench", "l2"),
            List.of("bench", "-v", "l2"),
            List.of("bench", "l2", "-v"))) {
      try (ChildProcess child =
          ChildProcess.lmcache(
              directory, order.get(0), order.get(1), order.get(2), "--l2-adapter", BROKEN)) {
        assertThat(child.exitCode()).isEqualTo(1);
        assertThat(child.err()).contains("java.io.IOException").contains("\tat io.lmcache.");
        assertThat(child.out()).isEmpty();
      }
    }
    try (ChildProcess child =
        ChildProcess.lmcache(directory, "bench", "l2", "--l2-adapter", BROKEN)) {
      assertThat(child.exitCode()).isEqualTo(1);
      assertThat(child.err().lines()).hasSize(1);
    }
  }

  @Test
  void aReaderThatLeftIsNoFailure(@TempDir Path directory) throws Exception {
    assertThat(shell(directory, "\"$@\" adapters | true; exit ${PIPESTATUS[0]}")).isEqualTo("0:");
  }

  @Test
  void aFullDiskIsAFailure(@TempDir Path directory) throws Exception {
    assertThat(shell(directory, "\"$@\" adapters > /dev/full"))
        .startsWith("1:lmcache: cannot write to standard output: ")
        .doesNotContain("\tat ");
  }

  private static String shell(Path directory, String script) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
    command.addAll(ChildProcess.javaCommand());
    try (ChildProcess child = ChildProcess.start(directory, Map.of(), command)) {
      return child.exitCode() + ":" + child.err();
    }
  }

  @Test
  void directMemoryThatDoesNotSufficeIsALineThatNamesTheOption(@TempDir Path directory)
      throws Exception {
    String answer =
        shell(
            directory,
            "JDK_JAVA_OPTIONS='-XX:MaxDirectMemorySize=1m -Djna.nounpack=true -Djna.nosys=true'"
                + " \"$@\" bench l2 --quiet --l2-adapter"
                + " '{\"type\": \"test_memory\"}' 2>&1 | grep -v NOTE >&2; exit ${PIPESTATUS[0]}");

    assertThat(answer).startsWith("1:lmcache: ").contains("-XX:MaxDirectMemorySize");
    assertThat(answer.lines()).hasSize(1);
  }
}

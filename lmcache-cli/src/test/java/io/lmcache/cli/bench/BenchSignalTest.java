// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.cli.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals to a run in a process of its own. */
final class BenchSignalTest {

  @TempDir private Path directory;

  private ChildProcess endlessRun(String fault, String... flags) throws Exception {
    String[] args = {
      "bench",
      "l2",
      "--l2-adapter",
      "{\"type\": \"test_memory\", \"trace\": \""
          + directory.resolve("trace")
          + "\", \"fault\": \""
          + fault
          + "\"}",
      "--rounds=1000000",
      "--num-keys=2",
      "--data-size-kb=1"
    };
    String[] all = new String[args.length + flags.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(flags, 0, all, args.length, flags.length);
    ChildProcess child = ChildProcess.lmcache(directory, all);
    child.await(() -> Files.exists(directory.resolve("trace")));
    return child;
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void deletesItsKeysAndClosesTheAdapter(String signal, int code) throws Exception {
    try (ChildProcess child = endlessRun("")) {
      child.signal(signal);

      assertThat(child.exitCode()).isEqualTo(code);
      assertThat(child.err().lines())
          .hasSize(1)
          .allMatch(
              line ->
                  line.startsWith(
                      "lmcache: interrupted: waiting for what is in flight, then deleting up to "));
      assertThat(child.out()).isEmpty();
      assertThat(directory.resolve("trace.closed")).hasContent("left 0");
    }
  }

  @Test
  void keepsWhatItIsToKeep() throws Exception {
    try (ChildProcess child = endlessRun("", "--keep")) {
      child.signal("INT");

      assertThat(child.exitCode()).isEqualTo(130);
      assertThat(child.err()).contains("stored objects stay");
      assertThat(Files.readString(directory.resolve("trace.closed"))).isNotEqualTo("left 0");
    }
  }

  @Test
  void anAdapterThatHangsCannotHoldTheProcess() throws Exception {
    try (ChildProcess child = endlessRun("store_hangs", "--cleanup-timeout-seconds=1")) {
      child.signal("INT");

      assertThat(child.exitCode()).isEqualTo(130);
      assertThat(child.err().lines())
          .hasSize(2)
          .anyMatch(
              line ->
                  line.startsWith("lmcache: gave up after 1 s: up to 2 objects of run ")
                      && line.contains("may be left in the adapter, such as lmcache-bench@"));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.cli.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals to an examination in a process of its own. */
final class DoctorSignalTest {

  @TempDir private Path dir;

  /** The adapter opens only once somebody writes to a pipe, which is after the signal. */
  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void theExaminationUnderWayEndsAndNoOtherBegins(String signal, int code) throws Exception {
    Path pipe = dir.resolve("trace.pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    String[] adapters = {adapter("trace", "open_waits"), adapter("second", "")};
    try (ChildProcess child =
        ChildProcess.lmcache(
            dir, "doctor", "--l2-adapter", adapters[0], "--l2-adapter", adapters[1])) {
      child.await(() -> Files.exists(dir.resolve("trace")));
      child.signal(signal);
      child.await(() -> child.err().contains("interrupted"));
      Files.writeString(pipe, "go on");

      assertThat(child.exitCode()).isEqualTo(code);
      assertThat(child.err()).isEqualTo("lmcache: interrupted: ending the examination under way\n");
      assertThat(child.out()).isEmpty();
      assertThat(dir.resolve("trace.closed")).exists();
      assertThat(dir.resolve("second.closed")).doesNotExist();
    }
  }

  private String adapter(String trace, String fault) {
    return "{\"type\": \"test_memory\", \"trace\": \""
        + dir.resolve(trace)
        + "\", \"fault\": \""
        + fault
        + "\"}";
  }
}

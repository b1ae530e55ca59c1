// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A drill's program in a JVM of its own, which says lines and may be told some. What it has on its
 * error stream is told with the failure of the test. Used by one thread, which cannot hang: when
 * the program's time is over it is killed, and has no next line.
 */
final class DrillChild implements AutoCloseable {

  private static final int MOST_ERRORS = 4000;
  private static final long LIMIT_MINUTES = Boolean.getBoolean("lmcache.soak") ? 40 : 4;

  private final Process process;
  private final Path errors;
  private final BufferedReader out;
  private final Writer in;

  private DrillChild(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.UTF_8);
    CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES).execute(this::kill);
  }

  static DrillChild start(List<String> command) throws IOException {
    Path errors = Files.createTempFile("drill", ".err");
    return new DrillChild(
        new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
  }

  void tell(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  /** Its next line. */
  String line() throws IOException {
    String line = out.readLine();
    assertThat(line).as("a line of the program, which says %s", errors()).isNotNull();
    return line;
  }

  /** All its lines up to its end, of whatever kind that is. */
  List<String> lines() {
    return out.lines().toList();
  }

  /** Ends its input, and expects that it then ends well and says no more. */
  void endsWell() throws IOException, InterruptedException {
    in.close();
    assertThat(out.readLine()).as("the last that the program says").isNull();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the program ends").isTrue();
    assertThat(process.exitValue()).as("exit of the program: %s", errors()).isZero();
  }

  /** The end of what it wrote there. */
  private String errors() throws IOException {
    String all = Files.readString(errors, StandardCharsets.UTF_8);
    return all.substring(Math.max(0, all.length() - MOST_ERRORS));
  }

  /** First what a shell has started, so that the shell can still put things in order. */
  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    process.onExit().join();
    Files.delete(errors);
  }
}

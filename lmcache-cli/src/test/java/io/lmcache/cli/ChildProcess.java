// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process of a test's own, its output in files. Limits of time only find hangs: nothing is
 * expected to take long.
 */
public final class ChildProcess implements AutoCloseable {

  private static final long HANG_SECONDS = 60;

  private final Process process;
  private final Path out;
  private final Path err;

  private ChildProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts a command with the given environment added to this one's. */
  public static ChildProcess start(
      Path directory, Map<String, String> environment, List<String> command) throws IOException {
    Path out = Files.createTempFile(directory, "out", ".txt");
    Path err = Files.createTempFile(directory, "err", ".txt");
    // A build in the background of a shell ignores SIGINT, and so would its children.
    List<String> withSignals = new ArrayList<>(List.of("env", "--default-signal=INT"));
    withSignals.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(withSignals)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start(), out, err);
  }

  /** Starts the command in a JVM of its own. */
  public static ChildProcess lmcache(Path directory, String... args) throws IOException {
    List<String> command = new ArrayList<>(javaCommand());
    command.addAll(List.of(args));
    return start(directory, Map.of(), command);
  }

  /** What runs the command, without arguments. */
  public static List<String> javaCommand() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "io.lmcache.cli.Main");
  }

  /** Sends a signal by name, such as INT. */
  public void signal(String name) throws IOException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
  }

  /** Waits for the end and returns the exit code. */
  public int exitCode() throws InterruptedException {
    if (!process.waitFor(HANG_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running; on standard error: " + err());
    }
    return process.exitValue();
  }

  /** Waits for a condition that this process will bring about. */
  public void await(BooleanSupplier condition) throws InterruptedException {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      boolean ended = process.waitFor(10, TimeUnit.MILLISECONDS);
      if ((ended && !condition.getAsBoolean())
          || System.nanoTime() - began > TimeUnit.SECONDS.toNanos(HANG_SECONDS)) {
        throw new AssertionError("it did not happen; on standard error: " + err());
      }
    }
  }

  /** What is on standard output by now. */
  public String out() {
    return text(out);
  }

  /** What is on standard error by now. */
  public String err() {
    return text(err);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of a test's own, under the JNI checker.
 *
 * <p>What the VM itself prints goes to a file by the number of its process, beside those that the
 * build looks through; it is looked through here as well. The caller's thread waits until the
 * process ends, but no longer than its limit, which only finds a hang; closed before that, it is
 * killed.
 */
final class ChildJvm implements AutoCloseable {

  private static final Path VM_OUTPUT =
      Path.of(System.getProperty("user.dir"), "target", "vm-output");

  /**
   * Two of them are below the build's limit of a test, which would not show what the child wrote.
   */
  static final Duration LIMIT = Duration.ofMinutes(9);

  /** The same for the soak. */
  static final Duration SOAK_LIMIT = Duration.ofMinutes(55);

  private final Process process;
  private final Path output;
  private final Path errors;

  private ChildJvm(Process process, Path output, Path errors) {
    this.process = process;
    this.output = output;
    this.errors = errors;
  }

  /**
   * Starts a class with the test's own class path.
   *
   * @param before a command that ends by becoming the JVM, such as a shell's {@code exec}
   */
  static ChildJvm start(
      List<String> before, List<String> options, Class<?> main, List<String> arguments)
      throws IOException {
    Files.createDirectories(VM_OUTPUT);
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xcheck:jni",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:+LogVMOutput",
            "-XX:-DisplayVMOutput",
            "-XX:LogFile=" + VM_OUTPUT.resolve("%p.log")));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    Path output = Files.createTempFile("lmc-child", ".out");
    Path errors = Files.createTempFile("lmc-child", ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .redirectInput(new File("/dev/null"))
            .start();
    return new ChildJvm(process, output, errors);
  }

  /** The option for the library under test. */
  static String library() {
    return "-Dlmcache.native.path=" + System.getProperty("lmcache.native.path");
  }

  /** Starts a class and waits for its end, see {@link #start} and {@link #output}. */
  static String run(
      List<String> before, List<String> options, Class<?> main, List<String> arguments)
      throws Exception {
    try (ChildJvm child = start(before, options, main, arguments)) {
      return child.output(LIMIT);
    }
  }

  /** Waits for its end, which must be a good one, and returns what it wrote to its output. */
  String output(Duration limit) throws Exception {
    return output(limit, 0);
  }

  /** The same for one that is to end with some other exit code. */
  String output(Duration limit, int exit) throws Exception {
    boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
    String said = Files.readString(output);
    String wrong = Files.readString(errors);
    assertThat(ended).as("ended within %s, and did not hang: %s%n%s", limit, said, wrong).isTrue();
    assertThat(process.exitValue()).as("%s%n%s", said, wrong).isEqualTo(exit);
    Path log = VM_OUTPUT.resolve("pid" + process.pid() + ".log");
    List<String> vm = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    assertThat(vm).as("%s", log).anyMatch(line -> line.contains("-Xcheck:jni"));
    assertThat(vm.stream().filter(line -> line.matches(".*(WARNING|ERROR) in native method.*")))
        .as("what the JNI checker found, see %s", log)
        .isEmpty();
    return said;
  }

  /** What it wrote to its error stream so far. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    Files.delete(output);
    Files.delete(errors);
  }
}

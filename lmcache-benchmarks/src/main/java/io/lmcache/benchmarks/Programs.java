// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs other programs, and compiles ours in C++ when they are needed. What they say on standard
 * error goes to ours.
 *
 * @param checkout the directory of the root pom
 */
record Programs(Path checkout) {

  private static final long HANG_SECONDS = 600;
  private static final long LOOK_MILLIS = 20;

  /** What a program printed, line by line. */
  static List<String> run(List<String> command) throws IOException {
    return run(command, Map.of(), process -> {});
  }

  /**
   * The same.
   *
   * @param look is called again and again while the program runs
   * @throws IOException if it cannot be started, fails or hangs
   */
  static List<String> run(
      List<String> command, Map<String, String> environment, Consumer<Process> look)
      throws IOException {
    Path output = Files.createTempFile("lmcache-bench-", ".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        await(process, command, look);
      } finally {
        process.destroyForcibly();
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            String.join(" ", command)
                + " ended with "
                + process.exitValue()
                + ": "
                + Files.readString(output).strip());
      }
      return Files.readAllLines(output);
    } finally {
      Files.delete(output);
    }
  }

  private static void await(Process process, List<String> command, Consumer<Process> look)
      throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        look.accept(process);
        if (System.nanoTime() - end > 0) {
          throw new IOException(String.join(" ", command) + " hangs");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The loop that reads a file in slices. */
  Path splitLoop() throws IOException {
    return compiled("split_loop");
  }

  /** The caller of the client. */
  Path clientCalls() throws IOException {
    return compiled("client_calls");
  }

  /** Compiles one of ours, with the objects that the library is made of. */
  private Path compiled(String name) throws IOException {
    Path program =
        Files.createDirectories(checkout.resolve("lmcache-benchmarks/target/cpp"))
            .resolve(name)
            .toAbsolutePath();
    List<String> command = new ArrayList<>(List.of("g++", "-std=c++20", "-O2", "-DNDEBUG"));
    command.addAll(List.of("-pthread", "-o", program.toString()));
    command.add(checkout.resolve("lmcache-benchmarks/src/main/cpp/" + name + ".cc").toString());
    command.addAll(library());
    run(command);
    return program;
  }

  /** What the compiler needs to be told of the library. */
  private List<String> library() throws IOException {
    Path module = checkout.resolve("lmcache-l2-fs-native");
    Path objects = module.resolve("target/native/release/CMakeFiles/lmcache_fs_core.dir");
    if (!Files.isDirectory(objects)) {
      throw new UsageException(
          "the C++ library is not built here: mvn package -pl lmcache-benchmarks -am -DskipTests");
    }
    List<String> more = new ArrayList<>(List.of("-I" + module.resolve("src/main/cpp")));
    try (Stream<Path> files = Files.list(objects)) {
      files
          .filter(file -> file.toString().endsWith(".o"))
          .sorted(Comparator.naturalOrder())
          .forEach(file -> more.add(file.toString()));
    }
    return more;
  }
}

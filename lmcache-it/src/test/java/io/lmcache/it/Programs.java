// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;

/** Runs the packaged command, and small programs on its class path, as processes of their own. */
public final class Programs {

  /** What a process left behind. */
  public record Ended(int exit, String out, String err) {

    /** The number in the line {@code name: number} that it said. */
    public int figure(String name) {
      return out.lines()
          .filter(line -> line.startsWith(name + ": "))
          .mapToInt(line -> Integer.parseInt(line.substring(name.length() + 2)))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + name + " in " + out));
    }
  }

  /** The packaged command's jars. */
  public static final Path LIB = Path.of(System.getProperty("lmcache.dist"), "lib");

  private static final Path OWN_CLASSES = Path.of(System.getProperty("lmcache.it.classes"));

  private Programs() {}

  /** The class path pattern of the packaged command. */
  public static String jars() {
    return LIB + "/*";
  }

  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The command line of {@code lmcache ARGUMENTS}. */
  public static List<String> lmcache(String... arguments) {
    List<String> command = new ArrayList<>(List.of(java(), "-cp", jars(), "io.lmcache.cli.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The command line of a program of this module, on the packaged jars. */
  public static List<String> program(Class<?> main, List<String> options, String... arguments) {
    return program(main, jars(), options, arguments);
  }

  /** The same of one that makes assertions itself, and ends with 1 if one fails. */
  public static List<String> checking(Class<?> main, List<String> options, String... arguments) {
    return program(main, jars() + File.pathSeparator + assertions(), options, arguments);
  }

  private static String assertions() {
    return Assertions.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  /** A class path for {@link #checking} that another user may read: a copy in a new directory. */
  public static String copyClassPath(Path directory) throws IOException {
    Path jars = Files.createDirectory(directory.resolve("lib"));
    try (Stream<Path> all = Files.list(LIB)) {
      for (Path jar : all.toList()) {
        Files.copy(jar, jars.resolve(jar.getFileName()));
      }
    }
    Files.copy(Path.of(assertions()), jars.resolve("assertions.jar"));
    Path classes = directory.resolve("classes");
    try (Stream<Path> all = Files.walk(OWN_CLASSES)) {
      for (Path path : all.toList()) {
        Files.copy(path, classes.resolve(OWN_CLASSES.relativize(path).toString()));
      }
    }
    return jars + "/*" + File.pathSeparator + classes;
  }

  private static List<String> program(
      Class<?> main, String jars, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(options);
    command.addAll(List.of("-cp", jars + File.pathSeparator + OWN_CLASSES, main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs to the end; the time limit only detects a hang. */
  public static Ended run(Path directory, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    return run(directory, environment, command, Duration.ofMinutes(5));
  }

  /** The same of what may take longer. */
  public static Ended run(
      Path directory, Map<String, String> environment, List<String> command, Duration limit)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("out", ".txt");
    Path err = Files.createTempFile("err", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().putAll(environment);
      Process process =
          builder
              .redirectInput(new File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("hangs: " + command + "\n" + Files.readString(err));
      }
      return new Ended(process.exitValue(), read(out), read(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  public static Ended lmcacheEnds(Path directory, String... arguments)
      throws IOException, InterruptedException {
    return run(directory, Map.of(), lmcache(arguments));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}

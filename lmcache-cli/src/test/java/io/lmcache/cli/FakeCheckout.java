// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A checkout with the real launcher, one source file, and tools that only note how they were
 * called. The PATH has these and a few ordinary tools, so that a tool can be missing.
 */
final class FakeCheckout {

  private static final List<String> ORDINARY_TOOLS =
      List.of(
          "bash",
          "cat",
          "dirname",
          "env",
          "find",
          "flock",
          "grep",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "tail",
          "tr",
          "uname");

  final Path home;
  final Path root;
  final Path launcher;
  final Path source;
  final Path stamp;
  private final Path tools;
  private final Map<String, String> environment = new HashMap<>();

  FakeCheckout(Path home, String name) throws IOException {
    this.home = home;
    this.root = Files.createDirectories(home.resolve(name));
    this.launcher = Files.copy(realLauncher(), root.resolve("lmcache"));
    Files.setPosixFilePermissions(launcher, Files.getPosixFilePermissions(realLauncher()));
    this.source = root.resolve("lmcache-core/src/main/java/A.java");
    this.stamp = root.resolve("lmcache-cli/target/dist.stamp");
    Files.createDirectories(source.getParent());
    Files.createDirectories(root.resolve("lmcache-cli/src/main"));
    Files.writeString(source, "class A {}");
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Files.writeString(root.resolve("lmcache-cli/pom.xml"), "<project/>");
    this.tools = Files.createDirectories(home.resolve("jdk/bin"));
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.9\"\n");
    for (String tool : ORDINARY_TOOLS) {
      tool(tool, "exec " + whereIs(tool) + " \"$@\"");
    }
    for (String tool : List.of("javac", "g++", "make", "cmake")) {
      tool(tool, "exit 0");
    }
    tool("java", "printf '%s\\n' \"$@\"");
    tool("mvn", maven("echo built; mkdir -p " + dist() + "; : > " + dist() + "/new.jar"));
    environment.put("PATH", tools.toString());
  }

  private static Path realLauncher() {
    return Path.of("..").toAbsolutePath().normalize().resolve("lmcache");
  }

  private static Path whereIs(String tool) {
    return Stream.of("/usr/bin", "/bin", "/usr/local/bin")
        .map(directory -> Path.of(directory, tool))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(() -> new AssertionError("this machine has no " + tool));
  }

  static String dist() {
    return "lmcache-cli/target/dist/lib";
  }

  /** A Maven that notes its arguments, then does something. */
  String maven(String action) {
    return "echo \"$@\" >> '" + mavenCalls() + "'\n" + action;
  }

  Path mavenCalls() {
    return home.resolve("mvn.calls");
  }

  List<String> builds() throws IOException {
    return Files.exists(mavenCalls()) ? Files.readAllLines(mavenCalls()) : List.of();
  }

  void tool(String name, String script) throws IOException {
    Path file = tools.resolve(name);
    Files.deleteIfExists(file);
    Files.writeString(file, "#!/bin/bash\n" + script + "\n");
    Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(realLauncher()));
  }

  void without(String... names) throws IOException {
    for (String name : names) {
      Files.delete(tools.resolve(name));
    }
  }

  FakeCheckout with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Moves everything into the past: first the sources, then the build. */
  void age() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(200)));
      }
    }
    if (Files.exists(stamp)) {
      Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().minusSeconds(100)));
    }
  }

  ChildProcess start(Path command, String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of("-i"));
    environment.forEach((name, value) -> all.add(name + "=" + value));
    all.add(command.toString());
    all.addAll(List.of(args));
    List<String> isolated = new ArrayList<>(List.of("env"));
    isolated.addAll(all);
    return ChildProcess.start(home, Map.of(), isolated);
  }

  /** Runs the launcher to its end; the exit code first, then both outputs. */
  Cli.Result run(String... args) throws IOException, InterruptedException {
    return run(launcher, args);
  }

  Cli.Result run(Path command, String... args) throws IOException, InterruptedException {
    try (ChildProcess child = start(command, args)) {
      int code = child.exitCode();
      return new Cli.Result(code, child.out(), child.err());
    }
  }
}

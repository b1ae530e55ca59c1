// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs {@link LoaderProgram} with a home and a directory for temporary files of its own. */
final class LoaderRuns {

  private static final String ENTRY = "META-INF/lmcache/native/linux-%s/liblmcache_fs.so";

  private LoaderRuns() {}

  /** The command line, on the jars of a directory; the environment names no cache. */
  static List<String> program(Path jars, String... options) {
    List<String> command = new ArrayList<>(List.of("env", "-u", "XDG_CACHE_HOME"));
    command.addAll(List.of(Programs.java(), "-Xmx64m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of(options));
    String classes = System.getProperty("lmcache.it.classes");
    command.addAll(List.of("-cp", jars + "/*" + File.pathSeparator + classes));
    command.add(LoaderProgram.class.getName());
    return command;
  }

  /** What it says in one line: {@code loaded FILE} or {@code unavailable WHY}. */
  static String says(Path directory, Map<String, String> environment, List<String> command)
      throws Exception {
    Programs.Ended ended = Programs.run(directory, environment, command);
    assertThat(ended.exit()).as(ended.err()).isZero();
    assertThat(ended.out()).startsWith("ready\n").endsWith("\n");
    return ended.out().substring("ready\n".length(), ended.out().length() - 1);
  }

  static void needsRoot() throws Exception {
    Needs.program("giving files away", "sh", "-c", "test $(id -u) = 0");
  }

  private static String entry() {
    String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    return ENTRY.formatted(arch);
  }

  private static Path jar(Path jars) throws IOException {
    try (Stream<Path> files = Files.list(jars)) {
      List<Path> found =
          files
              .filter(file -> file.getFileName().toString().startsWith("lmcache-l2-fs-native-"))
              .toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  /** The library that the jar in a directory holds. */
  static byte[] library(Path jars) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar(jars))) {
      return Files.readAllBytes(zip.getPath(entry()));
    }
  }

  /** What its file must be called. */
  static String nameOf(byte[] library) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(library);
    return "liblmcache_fs-" + HexFormat.of().formatHex(digest) + ".so";
  }

  /** A copy of the packaged jars with another library. */
  static Path jarsWithLibrary(Path directory, byte[] library) throws IOException {
    return jarsWith(directory, entry(), library);
  }

  /** A copy of the packaged jars with another entry in the jar of the library. */
  static Path jarsWith(Path directory, String entry, byte[] content) throws IOException {
    Files.createDirectory(directory);
    try (Stream<Path> files = Files.list(Programs.LIB)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    try (FileSystem zip = FileSystems.newFileSystem(jar(directory))) {
      Files.write(zip.getPath(entry), content);
    }
    return directory;
  }

  /** The library with a text replaced by one of the same length, as often as it occurs. */
  static byte[] patched(byte[] library, String from, String to) {
    assertThat(to).hasSameSizeAs(from);
    String text = new String(library, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}

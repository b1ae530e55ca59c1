// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Finds and loads the library.
 *
 * <p>With {@code -Dlmcache.native.path=FILE} that file and nothing else. Otherwise the library in
 * the jar, unpacked by {@link NativeExtraction} into the first directory that works of {@code
 * -Dlmcache.native.dir} (which is then the only one), the user's cache directory and the directory
 * for temporary files. Each step that failed is part of the final message. After loading, the
 * library's interface and version must be those that this class was built with.
 */
final class NativeLoader {

  static final String PATH_PROPERTY = "lmcache.native.path";
  static final String DIRECTORY_PROPERTY = "lmcache.native.dir";
  private static final Path MAPS = Path.of("/proc/self/maps");

  /**
   * How it went.
   *
   * @param origin the file that was loaded; empty if none was
   * @param failure why none could be, in one line
   */
  record Outcome(String origin, Optional<String> failure) {}

  private final NativeTarget target;
  private final List<String> steps = new ArrayList<>();

  private NativeLoader(NativeTarget target) {
    this.target = target;
  }

  static NativeLoader ofThisMachine() {
    return new NativeLoader(NativeTarget.current());
  }

  Outcome load() {
    try {
      String path = System.getProperty(PATH_PROPERTY);
      String origin = path == null ? loadFromJar() : loadNamed(path);
      if (origin != null) {
        String mismatch = mismatch(origin);
        if (mismatch == null) {
          return new Outcome(origin, Optional.empty());
        }
        steps.add(mismatch);
      }
    } catch (InvalidPathException e) {
      steps.add("-D" + PATH_PROPERTY + ": " + e.getMessage());
    }
    String failure =
        "the native library for "
            + target.name()
            + " cannot be loaded: "
            + String.join("; ", steps)
            + "; or use \"type\": \"fs_java\", which needs none and opens the same directories";
    return new Outcome("", Optional.of(failure.replace('\n', ' ')));
  }

  private @Nullable String loadNamed(String path) {
    Path file = Path.of(path).toAbsolutePath();
    // An empty name would be that of the current directory.
    if (path.isBlank() || !Files.isRegularFile(file)) {
      String what =
          path.isBlank() ? " is empty" : " names " + file + ", which is not there or no file";
      steps.add("-D" + PATH_PROPERTY + what + "; name the library, or leave it out");
      return null;
    }
    return loadFile(file);
  }

  private @Nullable String loadFromJar() {
    byte[] library;
    try (InputStream in =
        NativeLoader.class.getClassLoader().getResourceAsStream(target.resource())) {
      if (in == null) {
        steps.add(
            "the jar has no "
                + target.resource()
                + " (built with -Dnative.skip, or on and for another system)");
        return null;
      }
      library = in.readAllBytes();
    } catch (IOException e) {
      steps.add("reading " + target.resource() + ": " + e.getMessage());
      return null;
    }
    List<Path> directories;
    try {
      directories = directories();
    } catch (InvalidPathException e) {
      steps.add("-D" + DIRECTORY_PROPERTY + ": " + e.getMessage());
      return null;
    } catch (IOException e) {
      steps.add("whose process this is cannot be told, is /proc mounted? " + e);
      return null;
    }
    for (Path directory : directories) {
      try {
        String origin = loadFile(new NativeExtraction(directory).extract(library));
        if (origin != null) {
          return origin;
        }
      } catch (IOException e) {
        steps.add(directory + ": " + e.getMessage());
      }
    }
    steps.add(
        "name a directory that may hold executable files with -D"
            + DIRECTORY_PROPERTY
            + "=DIR, or an unpacked library with -D"
            + PATH_PROPERTY
            + "=FILE");
    return null;
  }

  private static List<Path> directories() throws IOException {
    String chosen = System.getProperty(DIRECTORY_PROPERTY);
    if (chosen != null) {
      return List.of(Path.of(chosen).toAbsolutePath());
    }
    List<Path> directories = new ArrayList<>();
    String cache = System.getenv("XDG_CACHE_HOME");
    String home = System.getProperty("user.home", "");
    if (cache != null && cache.startsWith("/")) {
      directories.add(Path.of(cache, "lmcache", "native"));
    } else if (home.startsWith("/")) {
      directories.add(Path.of(home, ".cache", "lmcache", "native"));
    }
    // By number: in a container a user may have no name, and then all of those have the same.
    directories.add(
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "lmcache-native-" + NativeExtraction.processUid()));
    return directories;
  }

  private @Nullable String loadFile(Path file) {
    try {
      System.load(file.toString());
      return file.toString();
    } catch (LinkageError e) {
      steps.add(explain(file, e, MAPS));
    } catch (IllegalCallerException e) {
      steps.add("the JVM denies native access: add --enable-native-access=ALL-UNNAMED");
    }
    return null;
  }

  /**
   * Why a file did not load, and what to do where that is known.
   *
   * @param maps what the process has mapped, as {@code /proc/self/maps} says it
   */
  static String explain(Path file, LinkageError e, Path maps) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof NoSuchMethodError) {
      // It registers its methods while it is loaded, before it can be asked for its interface.
      return file + " has another interface than this jar (" + message + ")" + remedy();
    }
    String text = message.contains(file.toString()) ? message : file + ": " + message;
    if (message.contains("failed to map segment") || message.contains("Operation not permitted")) {
      return text + " (is the file system mounted noexec?)";
    }
    if (message.contains("GLIBC_") || message.contains("libc.so.6")) {
      return text + " (the library needs glibc 2.34 or newer)";
    }
    return isMusl(maps) ? text + " (this JVM runs on musl, the library needs glibc)" : text;
  }

  /** What the process has mapped tells musl from glibc; the name of the system does not. */
  private static boolean isMusl(Path maps) {
    try {
      return Files.readString(maps, StandardCharsets.ISO_8859_1).contains("ld-musl");
    } catch (IOException e) {
      return false;
    }
  }

  private static @Nullable String mismatch(String origin) {
    int abi;
    try {
      abi = NativeCalls.abiVersion();
    } catch (UnsatisfiedLinkError e) {
      // Any library loads; what has none of the calls is not an old one of ours but another one.
      return origin + " is not the library of lmcache" + remedy();
    }
    if (abi != NativeCalls.ABI) {
      return origin + " has interface " + abi + ", this jar needs " + NativeCalls.ABI + remedy();
    }
    String version = NativeCalls.libraryVersion();
    String wanted = jarVersion();
    return version.equals(wanted)
        ? null
        : origin + " has version " + version + ", this jar has " + wanted + remedy();
  }

  /** An unpacked file is the jar's own, byte by byte: then it is the jar that does not match. */
  private static String remedy() {
    return System.getProperty(PATH_PROPERTY) == null
        ? ", which holds that library: it was put together of two builds, build it after mvn clean"
        : "; name the library of the same build, or leave -D" + PATH_PROPERTY + " out";
  }

  private static String jarVersion() {
    Properties properties = new Properties();
    try (InputStream in = NativeLoader.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "unknown (" + e.getMessage() + ")";
    }
    return properties.getProperty("version", "unknown");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.Raw.key;

import io.lmcache.spi.ObjectKey;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** What {@link OtherWorld} starts in a JVM of its own; prints what it finds, in UTF-8. */
final class OtherWorldMain {

  private OtherWorldMain() {}

  public static void main(String[] args) throws Exception {
    try (PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
      Path base = Path.of(args[1]);
      switch (args[0]) {
        case "list" -> list(TestDirectory.open(base, ""), out);
        case "examine" -> out.println(examine(TestDirectory.options(base, "", 0, false, true)));
        case "prepare" -> out.println(prepare(TestDirectory.options(base, args[2], 0)));
        case "modes" -> out.println(prepare(modes(base, args[2], args[3], args[4])));
        case "bare" -> bare(base, out);
        default -> throw new IllegalArgumentException(List.of(args).toString());
      }
    }
  }

  private static void list(ObjectDirectory directory, PrintStream out) throws IOException {
    out.println("charset " + System.getProperty("sun.jnu.encoding"));
    directory.forEach(object -> out.println("visited " + object.key() + " " + object.sizeBytes()));
    TestDirectory.listed(directory, 2)
        .forEach((key, size) -> out.println("listed " + key + " " + size));
  }

  /** Ends without giving the directory back. */
  private static String prepare(DirectoryOptions options) {
    try {
      return "prepared " + ObjectDirectory.open(options).staging();
    } catch (IOException e) {
      return "refused " + e.getMessage();
    }
  }

  private static String examine(DirectoryOptions options) {
    try (ObjectDirectory directory = ObjectDirectory.examine(options)) {
      return "examined " + directory.details();
    } catch (IOException e) {
      return "refused " + e.getMessage();
    }
  }

  private static DirectoryOptions modes(
      Path base, String relativeStaging, String directoryMode, String fileMode) {
    return new DirectoryOptions(
        base,
        relativeStaging,
        0,
        true,
        true,
        PosixFilePermissions.fromString(directoryMode),
        PosixFilePermissions.fromString(fileMode),
        Fsync.NONE,
        "fs_test");
  }

  /** On a file system without attributes; removes all at the end that it may remove. */
  private static void bare(Path base, PrintStream out) throws Exception {
    Files.write(base.resolve(ObjectFileNames.digestName(ObjectFiles.longKey(1))), new byte[3]);
    Raw.put(base, key("empty", 1), 0);
    Raw.put(base, key("m", 2), 2);
    try (ObjectDirectory directory =
        ObjectDirectory.open(TestDirectory.options(base, "", 0, false, false))) {
      out.println("attributes " + directory.attributes() + " keys " + directory.maxKeyBytes());
      out.println("persist_enabled " + directory.details().get("persist_enabled"));
      out.println("fsync " + Effect.fsync(Fsync.FULL, directory));
      out.println("found " + TestDirectory.visited(directory).equals(sizes()));
      out.println("listed " + TestDirectory.listed(directory, 1).equals(sizes()));
      out.println(
          "foreign "
              + TestDirectory.detail(directory, "foreign_files")
              + " empty "
              + TestDirectory.detail(directory, "empty_files"));
      directory.name(ObjectFiles.longKey(1));
    } catch (UnsupportedKeyException e) {
      out.println("refused " + String.valueOf(e.getMessage()).contains("no extended attributes"));
    }
    try (ObjectDirectory again = TestDirectory.open(base, "")) {
      out.println("kept " + TestDirectory.visited(again).equals(sizes()));
    }
  }

  private static Map<ObjectKey, Long> sizes() {
    return Map.of(key("empty", 1), 0L, key("m", 2), 2L);
  }
}

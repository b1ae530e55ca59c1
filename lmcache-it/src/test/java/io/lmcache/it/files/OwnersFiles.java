// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands in a directory, as {@code ls} would see it. */
final class OwnersFiles {

  private static final Pattern STAGED = Pattern.compile("\\.lmc-[0-9a-f-]{36}-[0-9]+\\.tmp");

  private OwnersFiles() {}

  /** Each file below a directory with its size, modification time and inode. */
  static Map<String, String> listing(Path base) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(base)) {
      for (Path file : files.toList()) {
        found.put(
            base.relativize(file).toString(),
            Files.readAttributes(
                    file, "unix:size,lastModifiedTime,ctime,ino,mode", LinkOption.NOFOLLOW_LINKS)
                .toString());
      }
    }
    return found;
  }

  /** The files being written; those that go while this looks may be missing. */
  static List<Path> staged(Path base) throws IOException {
    return named(base, STAGED);
  }

  /** The files that say who uses the directory. */
  static List<Path> owners(Path base) throws IOException {
    return named(base.resolve(".lmcache"), Pattern.compile("owner-[0-9a-f-]{36}"));
  }

  private static List<Path> named(Path directory, Pattern name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> name.matcher(file.getFileName().toString()).matches()).toList();
    } catch (NoSuchFileException e) {
      return List.of(); // Nobody has been there yet.
    }
  }
}

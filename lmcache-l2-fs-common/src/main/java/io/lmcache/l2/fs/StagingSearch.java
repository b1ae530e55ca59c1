// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where somebody may have staged of whom nothing more is known. */
final class StagingSearch {

  private StagingSearch() {}

  /**
   * All directories from {@code base_path} down, but {@code .lmcache/}. Links are not followed. One
   * that cannot be read is among them, so that whoever goes on finds out.
   */
  static List<Path> directories(Path base) throws IOException {
    Path meta = MetaDirectory.of(base);
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        base,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (directory.equals(meta)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            found.add(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            found.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}

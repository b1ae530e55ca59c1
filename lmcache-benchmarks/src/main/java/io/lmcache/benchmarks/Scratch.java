// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A fresh directory that goes with all it holds when it is closed. */
record Scratch(Path path) implements AutoCloseable {

  /**
   * Makes one.
   *
   * @param bytes how much will be written into it at most
   * @throws UsageException if the parent is no directory, or there is less room
   */
  static Scratch in(Path parent, long bytes) throws IOException {
    if (!Files.isDirectory(parent)) {
      throw new UsageException("--dir must be a directory that exists, " + parent + " is none");
    }
    long free = Files.getFileStore(parent).getUsableSpace();
    if (free < bytes) {
      throw new UsageException(
          parent + " has " + (free >> 20) + " MiB free, " + (bytes >> 20) + " MiB are needed");
    }
    return new Scratch(
        Files.createTempDirectory(parent.toAbsolutePath().normalize(), "lmcache-bench-"));
  }

  Path fresh(String name) throws IOException {
    return Files.createDirectory(path.resolve(name));
  }

  /** What the figures stand on. */
  String fileSystem() throws IOException {
    return Files.getFileStore(path).type();
  }

  static void remove(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() {
    try {
      remove(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be removed", e);
    }
  }
}

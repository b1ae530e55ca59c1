// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Puts names on the disk: that of a file, and once those of the sub-directories that lead to it,
 * whoever created them and whenever. Safe for use by many threads.
 */
final class Durability {

  private final FileCalls calls;
  private final Path base;
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  Durability(FileCalls calls, Path base) {
    this.calls = calls;
    this.base = base;
  }

  /** When it returns, the file's name is on the disk. */
  void sync(Path file) throws IOException {
    Path directory = parent(file);
    syncDirectory(directory);
    List<Path> onTheWay = new ArrayList<>();
    while (!directory.equals(base) && !durable.contains(directory)) {
      onTheWay.add(directory);
      directory = parent(directory);
      syncDirectory(directory);
    }
    // Only now: a directory is durable if all that lead to it are.
    durable.addAll(onTheWay);
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  private void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = calls.open(directory, Set.of(StandardOpenOption.READ))) {
      channel.force(true);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.FileIdentity;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Puts names on the disk: those of the sub-directories that lead to a file before it gets its name,
 * once and whoever created them, and then its own. So all that can fail beforehand does, and what a
 * file replaces is given up for nothing less than a failed sync.
 *
 * <p>What was put there is remembered, so that a file that stands there already is synced once. One
 * that is forgotten costs another sync and no promise. Safe for use by many threads.
 */
final class Durability {

  private static final int MAX_REMEMBERED = 10_000;

  private final FileCalls calls;
  private final Path base;
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();
  private final Map<Path, FileIdentity> remembered =
      Collections.synchronizedMap(new Remembered(MAX_REMEMBERED));

  Durability(FileCalls calls, Path base) {
    this.calls = calls;
    this.base = base;
  }

  /**
   * Before a file is renamed to that path: makes sure of the directories that lead there, and opens
   * the last one, which is to be synced and closed after that.
   */
  FileChannel prepare(Path file) throws IOException {
    Path directory = parent(file);
    FileChannel opened = open(directory);
    try {
      List<Path> onTheWay = new ArrayList<>();
      while (!directory.equals(base) && !durable.contains(directory)) {
        onTheWay.add(directory);
        directory = parent(directory);
        try (FileChannel above = open(directory)) {
          above.force(true);
        }
      }
      // Only now: a directory is durable if all that lead to it are.
      durable.addAll(onTheWay);
      return opened;
    } catch (IOException | RuntimeException | Error e) {
      try (opened) {
        throw e;
      }
    }
  }

  /** That file is on the disk under that path. */
  void remember(Path file, FileIdentity identity) {
    remembered.put(file, identity);
  }

  /** Makes sure that it is, if that is not known. */
  void ensure(Path file, FileIdentity identity) throws IOException {
    if (identity.equals(remembered.get(file))) {
      return;
    }
    try (FileChannel content =
        calls.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      content.force(true);
    }
    try (FileChannel directory = prepare(file)) {
      directory.force(true);
    }
    remember(file, identity);
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  private FileChannel open(Path directory) throws IOException {
    return calls.open(directory, Set.of(StandardOpenOption.READ));
  }

  /** The last ones that were asked about. */
  private static final class Remembered extends LinkedHashMap<Path, FileIdentity> {

    private static final long serialVersionUID = 1;

    private final int max;

    Remembered(int max) {
      super(16, 0.75f, true);
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Path, FileIdentity> eldest) {
      return size() > max;
    }
  }
}

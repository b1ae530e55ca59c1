// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Refuses runs that would fill the disk: everything is stored before anything is deleted, and a
 * full disk hurts others too.
 */
final class DiskCheck {

  private DiskCheck() {}

  /**
   * Does nothing if the run's objects have room, or if nobody knows where they go.
   *
   * @throws IOException if they have not; the message is for the user
   */
  static void check(BenchPlan plan, AdapterDetails adapter) throws IOException {
    Optional<Path> directory = adapter.directory();
    if (directory.isEmpty()) {
      return;
    }
    long needed = plan.storedBytes();
    FileStore store = Files.getFileStore(directory.get());
    long free = store.getUsableSpace();
    // One that does not say how large it is, such as ramfs, has 0 of everything.
    if (needed > free && store.getTotalSpace() > 0) {
      throw new IOException(
          "the run needs "
              + Figures.binary(needed)
              + " on the file system of "
              + directory.get()
              + ", which has "
              + Figures.binary(free)
              + " free: lower --rounds, --num-keys, --in-flight or --data-size-kb");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Names for files that are being written, each given out once. Safe for use by many threads. */
final class StagingNames {

  private final Path directory;
  private final String prefix;
  private final AtomicLong counter = new AtomicLong();

  /**
   * Names that nobody else uses.
   *
   * @param prefix how they begin
   */
  StagingNames(Path directory, String prefix) {
    this.directory = directory;
    this.prefix = prefix;
  }

  Path directory() {
    return directory;
  }

  Path next() {
    return directory.resolve(prefix + counter.incrementAndGet() + ".tmp");
  }
}

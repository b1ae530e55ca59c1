// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.core.memory.PageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The files whose pages {@code --cold} drops, or why it cannot be done.
 *
 * @param files one for each object; null if it cannot be done
 * @param problem why not; empty if it can
 */
record ColdFiles(@Nullable ObjectFiles files, String problem) {

  /**
   * Finds them.
   *
   * @param objects how many objects there should be
   */
  static ColdFiles find(
      AdapterDetails adapter, BenchPlan plan, BenchKeys keys, long objects, BooleanSupplier stop) {
    Optional<String> unavailable = PageCache.unavailable();
    if (unavailable.isPresent()) {
      return impossible("the page cache cannot be asked: " + unavailable.get());
    }
    Optional<Path> directory = adapter.directory();
    if (directory.isEmpty()) {
      return impossible("the adapter names no directory of files (base_path) on this machine");
    }
    try {
      ObjectFiles files = ObjectFiles.find(directory.get(), plan, keys, stop);
      if (files.count() == objects) {
        return new ColdFiles(files, "");
      }
      return impossible(
          "of "
              + Figures.count(objects, "object")
              + " there, "
              + Figures.count(files.count(), "file")
              + " named after their chunk hashes were found in "
              + directory.get());
    } catch (IOException e) {
      return impossible("the files of " + directory.get() + " cannot be listed: " + e.getMessage());
    }
  }

  /** What kind of file system it is, where that may be the reason. */
  static String fileSystem(AdapterDetails adapter) {
    return adapter
        .directory()
        .map(
            directory -> {
              try {
                return " (" + directory + " is on " + Files.getFileStore(directory).type() + ")";
              } catch (IOException e) {
                return " (" + directory + ")";
              }
            })
        .orElse("");
  }

  private static ColdFiles impossible(String problem) {
    return new ColdFiles(null, problem);
  }
}

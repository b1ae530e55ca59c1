// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.core.memory.PageCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Brings files into a known state: on the disk, and in the page cache or not. */
enum Cache {
  /** All of them in the page cache. */
  WARM,

  /** None of them. */
  COLD;

  /** How the state is called where it is printed. */
  String label() {
    return this == WARM ? "warm" : "cold";
  }

  /**
   * Writes the files to the disk, fills or drops their pages, and looks whether that worked.
   *
   * @throws IOException if it did not
   */
  void bringAbout(List<Path> files) throws IOException {
    for (Path file : files) {
      if (this == COLD) {
        PageCache.drop(file);
      } else {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(false);
        }
        read(file);
      }
    }
    mustHold(files);
  }

  /**
   * Looks whether the files are in this state.
   *
   * @throws IOException if not
   */
  void mustHold(List<Path> files) throws IOException {
    double resident = residentPart(files);
    if (this == COLD ? resident > 0 : resident < 1) {
      throw new IOException(
          "the files are not "
              + label()
              + ": "
              + 100 * resident
              + " % of them are in the page cache (mincore)");
    }
  }

  /** How much of the files is in the page cache: from 0 to 1, and more where a page is not full. */
  static double residentPart(List<Path> files) throws IOException {
    long resident = 0;
    long whole = 0;
    for (Path file : files) {
      resident += PageCache.residentBytes(file);
      whole += Files.size(file);
    }
    return (double) resident / whole;
  }

  private static void read(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        buffer.clear();
      }
    }
  }

  /** Waits until the file system has nothing left to write, so that one side leaves nothing. */
  static void settle(Path directory) throws IOException {
    Programs.run(List.of("sync", "-f", directory.toString()));
  }
}

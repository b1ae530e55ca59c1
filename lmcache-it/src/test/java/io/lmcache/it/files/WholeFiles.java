// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lists a directory over and over, on a thread of its own, and writes down each object's file that
 * is not as long as its object. It ends when told to; a listing waits for nothing.
 */
final class WholeFiles implements AutoCloseable {

  private final Path base;
  private final long size;
  private final List<String> notWhole = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger files = new AtomicInteger();
  private final AtomicInteger listings = new AtomicInteger();
  private final Thread thread = new Thread(this::watch, "watcher");
  private volatile boolean ending;

  private WholeFiles(Path base, long size) {
    this.base = base;
    this.size = size;
  }

  /** Watches a directory that is there, of objects of one size. */
  static WholeFiles in(Path base, long size) {
    WholeFiles watcher = new WholeFiles(base, size);
    watcher.thread.start();
    return watcher;
  }

  private void watch() {
    while (!ending) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(base)) {
        all.forEach(this::look);
        listings.incrementAndGet();
      } catch (IOException | RuntimeException e) {
        notWhole.add("cannot be listed: " + e);
        return;
      }
    }
  }

  private void look(Path file) {
    String name = file.getFileName().toString();
    if (name.startsWith(".lm")) {
      return; // no object: being written, or the directory's own
    }
    try {
      long length = Files.size(file);
      files.incrementAndGet();
      if (length != size) {
        notWhole.add(name + " has " + length + " bytes");
      }
    } catch (NoSuchFileException e) {
      // Removed meanwhile.
      return;
    } catch (IOException e) {
      notWhole.add(name + ": " + e);
    }
  }

  /** How many files were looked at so far. */
  int files() {
    return files.get();
  }

  /** Waits until so many more listings were made. */
  void awaitListings(int more) {
    int until = listings.get() + more;
    FileAdapter.await("listings", () -> listings.get() >= until || !thread.isAlive());
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
    assertThat(notWhole).as("objects that are not whole, of %d looks", files.get()).isEmpty();
  }
}

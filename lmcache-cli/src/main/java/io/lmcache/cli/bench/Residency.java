// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.core.memory.PageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a phase's files had in the page cache, each round's right before that round was
 * loaded. For one thread.
 */
final class Residency {

  /**
   * What was found.
   *
   * @param files how many files were looked at
   * @param gone how many were not there any more
   * @param bytes the length of those that were
   * @param residentBytes how much of them was in memory, in whole pages
   * @param cachedBytes the same without what is behind the ends of files: all of {@code bytes} if
   *     no page was missing, and only then
   */
  record Found(long files, long gone, long bytes, long residentBytes, long cachedBytes) {

    /** For people. */
    String line() {
      return Figures.binary(bytes)
          + " in "
          + Figures.count(files, "file")
          + ", "
          + Figures.binary(residentBytes)
          + " of pages resident (mincore)"
          + (gone == 0 ? "" : ", " + Figures.count(gone, "file") + " gone");
    }
  }

  private long files;
  private long gone;
  private long bytes;
  private long residentBytes;
  private long cachedBytes;
  private long failures;
  private @Nullable IOException failure;

  /** Drops the pages of files, then looks which are left. */
  void drop(List<Path> round) {
    List<Path> left = new ArrayList<>();
    for (Path file : round) {
      try {
        PageCache.drop(file);
        left.add(file);
      } catch (NoSuchFileException e) {
        gone++; // removed by others, as caches do; it can be neither warm nor cold
      } catch (IOException e) {
        failed(e);
      }
    }
    count(left);
  }

  /** Looks which pages there are. */
  void count(List<Path> round) {
    for (Path file : round) {
      try {
        long resident = PageCache.residentBytes(file);
        long size = Files.size(file);
        residentBytes += resident;
        cachedBytes += Math.min(resident, size);
        bytes += size;
        files++;
      } catch (NoSuchFileException e) {
        gone++;
      } catch (IOException e) {
        failed(e);
      }
    }
  }

  private void failed(IOException e) {
    failures++;
    if (failure == null) {
      failure = e;
    }
  }

  /** Why the files were not cold, or may not have been. */
  Optional<String> problem() {
    if (failure != null) {
      String more = failures == 1 ? "" : ", and " + Figures.count(failures - 1, "more failure");
      return Optional.of(failure.getMessage() + more);
    }
    return residentBytes == 0
        ? Optional.empty()
        : Optional.of("after fdatasync and POSIX_FADV_DONTNEED: " + found().line());
  }

  Found found() {
    return new Found(files, gone, bytes, residentBytes, cachedBytes);
  }
}

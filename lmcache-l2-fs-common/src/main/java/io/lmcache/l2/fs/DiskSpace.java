// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How full a file system is, as {@code df} counts: what is reserved for root is neither used nor
 * available.
 *
 * @param usedBytes bytes that are taken, by whomever
 * @param availableBytes bytes that may still be taken without privileges
 */
public record DiskSpace(long usedBytes, long availableBytes) {

  private static final List<String> MISSING =
      List.of("No space left on device", "Disk quota exceeded");

  /** Reads it. */
  @FunctionalInterface
  public interface Reader {
    /** The space now; waits for the file system. */
    DiskSpace read() throws IOException;
  }

  /**
   * Of the file system that a directory is on.
   *
   * @throws IOException also if it does not say how large it is, such as ramfs
   */
  public static DiskSpace of(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    if (store.getTotalSpace() == 0) {
      throw new IOException(store.type() + " does not say how large it is");
    }
    return new DiskSpace(
        store.getTotalSpace() - store.getUnallocatedSpace(), store.getUsableSpace());
  }

  /**
   * Whether it says that there is none left. Java tells that only in the words of the C library,
   * which come last, after paths that may hold any words.
   */
  static boolean isMissing(IOException failure) {
    String words =
        failure instanceof FileSystemException detailed
            ? detailed.getReason()
            : failure.getMessage();
    return words != null
        && MISSING.stream().anyMatch(m -> words.equals(m) || words.endsWith(": " + m));
  }

  /**
   * How much more may be stored before a limit is reached; negative beyond it.
   *
   * @param highWatermark the fraction of the file system that may be used; 0 for no such limit
   * @param minFreeBytes what must stay available; 0 for no such limit
   */
  long headroom(double highWatermark, long minFreeBytes) {
    long headroom = Long.MAX_VALUE;
    if (highWatermark > 0) {
      headroom = (long) (highWatermark * (usedBytes + availableBytes)) - usedBytes;
    }
    if (minFreeBytes > 0) {
      headroom = Math.min(headroom, availableBytes - minFreeBytes);
    }
    return headroom;
  }
}

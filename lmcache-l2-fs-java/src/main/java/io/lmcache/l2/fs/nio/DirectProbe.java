// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a file system reads and writes past the page cache, by doing so once.
 *
 * <p>Some accept everything and cache everything. Java cannot ask the kernel what is in the cache,
 * so only those known to live in memory are told apart, by their type.
 */
final class DirectProbe {

  /** What Linux file systems and disks are content with, and a page of memory. */
  private static final int LEAST_UNIT = 4096;

  /** More than any file system uses, and little enough to allocate a few. */
  private static final int LARGEST_UNIT = 1 << 26;

  private static final Logger log = LoggerFactory.getLogger(DirectProbe.class);
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

  private DirectProbe() {}

  /**
   * What came of it.
   *
   * @param works whether it does
   * @param unit what addresses, lengths and positions must be multiples of; a power of two
   * @param reason why not: an errno name, {@code cached}, or words
   * @param fileSystem its type
   */
  record Result(boolean works, int unit, String reason, String fileSystem) {

    static Result failed(String reason, String fileSystem) {
      return new Result(false, LEAST_UNIT, reason, fileSystem);
    }
  }

  /**
   * Tries it; never fails for what the file system says.
   *
   * @param file a path that nobody else uses; nothing is left there
   * @throws ClosedByInterruptException if the thread is interrupted, which says nothing about the
   *     file system
   */
  static Result probe(Path file, FileCalls calls) throws ClosedByInterruptException {
    String type = "an unknown file system";
    try {
      FileStore store = Files.getFileStore(file.toAbsolutePath().getParent());
      type = store.type();
      if (IN_MEMORY.contains(type)) {
        return Result.failed("cached", type);
      }
      long block = store.getBlockSize();
      if (Long.bitCount(block) != 1 || block > LARGEST_UNIT) {
        return Result.failed("its block size is " + block, type);
      }
      int unit = (int) Math.max(block, LEAST_UNIT);
      try {
        writeAndRead(file, unit, calls);
      } finally {
        Files.deleteIfExists(file);
      }
      return new Result(true, unit, "", type);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      log.debug("no direct I/O at {}", file, e);
      String errno = e instanceof IOException io ? FileErrors.errno(io) : "";
      return Result.failed(errno.isEmpty() ? e.toString() : errno, type);
    }
  }

  private static void writeAndRead(Path file, int unit, FileCalls calls) throws IOException {
    ByteBuffer memory = ByteBuffer.allocateDirect(3 * unit).alignedSlice(unit);
    ByteBuffer written = memory.slice(0, unit);
    for (int i = 0; i < unit; i++) {
      written.put(i, (byte) (i * 31 + 7));
    }
    Set<StandardOpenOption> create =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = calls.open(file, DirectIo.direct(create))) {
      if (channel.write(written.duplicate(), 0) != unit) {
        throw new IOException("a direct write of " + unit + " bytes was cut short");
      }
    }
    ByteBuffer read = memory.slice(unit, unit);
    try (FileChannel channel = calls.open(file, DirectIo.direct(Set.of(StandardOpenOption.READ)))) {
      if (channel.read(read.duplicate(), 0) != unit || !read.equals(written)) {
        throw new IOException("a direct read gives other bytes than were written");
      }
    }
  }
}

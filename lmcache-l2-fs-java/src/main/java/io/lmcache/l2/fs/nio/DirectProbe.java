// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
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
 * <p>Some accept everything and cache everything: see {@link AlwaysCached}. A full disk is no
 * answer, and other errors say nothing about direct I/O.
 */
final class DirectProbe {

  /** What Linux file systems and disks are content with, and a page of memory. */
  private static final int LEAST_UNIT = 4096;

  /** More than any file system uses, and little enough to allocate a few. */
  private static final int LARGEST_UNIT = 1 << 26;

  /** The names are ours, so one that is taken is a left-over; more of them would be a mistake. */
  private static final int MAX_NAMES = 16;

  private static final String UPPER_UNSEEN =
      "the overlay's upper directory cannot be seen from here";

  private static final Logger log = LoggerFactory.getLogger(DirectProbe.class);

  private DirectProbe() {}

  /**
   * What came of it.
   *
   * @param works whether it does, as far as that is known
   * @param unit what addresses, lengths and positions must be multiples of; a power of two
   * @param reason why not: an errno name, {@code cached}, or words; or, if it works, why that is
   *     not proven: the name of an errno, or words
   * @param fileSystem its type
   * @param again whether a later trial may have an answer, since there was no room for this one
   */
  record Result(boolean works, int unit, String reason, String fileSystem, boolean again) {

    static Result failed(String reason, String fileSystem) {
      return new Result(false, LEAST_UNIT, reason, fileSystem, false);
    }

    /** Whether it works for sure. */
    boolean proven() {
      return works && reason.isEmpty();
    }

    /** Whether it works only as far as is known. */
    boolean unproven() {
      return works && !reason.isEmpty();
    }
  }

  /**
   * Tries it.
   *
   * @param names of files that nobody else uses; nothing is left there
   * @throws ClosedByInterruptException if the thread is interrupted, which says nothing about the
   *     file system
   * @throws IOException if it cannot be found out
   */
  static Result probe(StagingNames names, FileCalls calls) throws IOException {
    Path directory = names.directory().toAbsolutePath();
    FileStore store = Files.getFileStore(directory);
    String type = store.type();
    AlwaysCached.Answer cached = AlwaysCached.contains(directory);
    if (cached == AlwaysCached.Answer.YES) {
      return Result.failed("cached", type);
    }
    try {
      long block = store.getBlockSize();
      if (Long.bitCount(block) != 1 || block > LARGEST_UNIT) {
        return Result.failed("its block size is " + block, type);
      }
      int unit = (int) Math.max(block, LEAST_UNIT);
      String errno = writeAndRead(names, unit, calls);
      boolean tried = errno.isEmpty();
      String reason = tried && cached == AlwaysCached.Answer.UNSEEN ? UPPER_UNSEEN : errno;
      return new Result(true, unit, reason, type, !tried);
    } catch (UnsupportedOperationException e) {
      log.debug("no direct I/O at {}", names.directory(), e);
      return Result.failed(e.toString(), type);
    } catch (IOException e) {
      if (!DirectIo.isRefusal(e)) {
        throw e;
      }
      log.debug("no direct I/O at {}", names.directory(), e);
      String errno = Errno.of(e);
      return Result.failed(errno.isEmpty() ? e.toString() : errno, type);
    }
  }

  /** Returns the errno for which that proves nothing; empty if it does. */
  private static String writeAndRead(StagingNames names, int unit, FileCalls calls)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      Path file = names.next();
      try {
        return writeAndRead(file, unit, calls);
      } catch (FileAlreadyExistsException e) {
        if (attempt == MAX_NAMES) {
          throw e;
        }
      }
    }
  }

  private static String writeAndRead(Path file, int unit, FileCalls calls) throws IOException {
    ByteBuffer memory = ByteBuffer.allocateDirect(3 * unit).alignedSlice(unit);
    ByteBuffer written = memory.slice(0, unit);
    for (int i = 0; i < unit; i++) {
      written.put(i, (byte) (i * 31 + 7));
    }
    boolean ours = true;
    try {
      try (FileChannel channel = create(file, calls)) {
        if (channel.write(written.duplicate(), 0) != unit) {
          // So little is cut short only for want of room.
          return "ENOSPC";
        }
      }
      read(file, written, memory.slice(unit, unit), calls);
      return "";
    } catch (FileAlreadyExistsException e) {
      ours = false;
      throw e;
    } catch (IOException e) {
      if (FileErrors.isNoSpace(e)) {
        return Errno.of(e);
      }
      throw e;
    } finally {
      if (ours) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static FileChannel create(Path file, FileCalls calls) throws IOException {
    return calls.open(
        file, DirectIo.direct(Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)));
  }

  private static void read(Path file, ByteBuffer written, ByteBuffer read, FileCalls calls)
      throws IOException {
    try (FileChannel channel = calls.open(file, DirectIo.direct(Set.of(StandardOpenOption.READ)))) {
      if (channel.read(read.duplicate(), 0) != written.remaining() || !read.equals(written)) {
        throw new IOException("a direct read gives other bytes than were written");
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which pages of a file the kernel holds in memory, and how to be rid of them: what tells a figure
 * of a disk from one of memory.
 *
 * <p>Dropping is a request. The kernel ignores it for pages that are mapped, locked or under way,
 * and wholly on file systems that live in memory (tmpfs); so ask afterwards how many are left.
 * Asking brings no page in. The kernel answers only whoever owns the file or may write it; to all
 * others it says that every page is there, so a wrong answer is never "none".
 *
 * <p>Nothing is kept between calls; safe for use by many threads. A call ends when the disk has
 * answered; it waits for nothing else, also not for the writer of a pipe.
 */
public final class PageCache {

  /** A multiple of every page size; how much of a file is looked at in one go. */
  private static final long WINDOW_BYTES = 1L << 30;

  private PageCache() {}

  /** Why nothing here works on this machine; empty if it does. */
  public static Optional<String> unavailable() {
    return LinuxCalls.unavailable();
  }

  /**
   * Writes the file's data to the disk and asks the kernel to forget its pages. Dirty pages cannot
   * be dropped, which is why they are written first.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if a call fails; the message says which, on what, and its errno
   * @throws UnsupportedOperationException if this is {@link #unavailable()}
   */
  public static void drop(Path file) throws IOException {
    try (OpenFile open = new OpenFile(file)) {
      open.sync();
      open.forget();
    }
  }

  /**
   * How many pages of the file are in memory.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if a call fails; the message says which, on what, and its errno
   * @throws UnsupportedOperationException if this is {@link #unavailable()}
   */
  public static long residentPages(Path file) throws IOException {
    try (OpenFile open = new OpenFile(file)) {
      return open.residentPages();
    }
  }

  /** The same in bytes: whole pages, also where the file ends within one. */
  public static long residentBytes(Path file) throws IOException {
    return residentPages(file) * LinuxCalls.getpagesize();
  }

  /** A file descriptor for one thread. */
  private static final class OpenFile implements AutoCloseable {
    private final Path file;
    private final int descriptor;

    OpenFile(Path file) throws IOException {
      LinuxCalls.require();
      this.file = file;
      byte[] name = LinuxCalls.name(file);
      int flags = LinuxCalls.O_RDONLY | LinuxCalls.O_CLOEXEC | LinuxCalls.O_NONBLOCK;
      int opened;
      do {
        opened = LinuxCalls.open(name, flags);
      } while (opened < 0 && LinuxCalls.errno() == Errno.EINTR);
      if (opened < 0) {
        throw failure("open", LinuxCalls.errno());
      }
      descriptor = opened;
    }

    void sync() throws IOException {
      while (LinuxCalls.fdatasync(descriptor) < 0) {
        if (LinuxCalls.errno() != Errno.EINTR) {
          throw failure("fdatasync", LinuxCalls.errno());
        }
      }
    }

    void forget() throws IOException {
      int errno = LinuxCalls.posix_fadvise(descriptor, 0, 0, LinuxCalls.POSIX_FADV_DONTNEED);
      if (errno != 0) {
        throw failure("posix_fadvise", errno);
      }
    }

    long residentPages() throws IOException {
      long size = LinuxCalls.lseek(descriptor, 0, LinuxCalls.SEEK_END);
      if (size < 0) {
        throw failure("lseek", LinuxCalls.errno());
      }
      long pages = 0;
      for (long offset = 0; offset < size; offset += WINDOW_BYTES) {
        pages += residentPages(offset, Math.min(WINDOW_BYTES, size - offset));
      }
      return pages;
    }

    private long residentPages(long offset, long length) throws IOException {
      // Not shared: FUSE refuses that for some files, and it is the same pages.
      int flags = LinuxCalls.MAP_PRIVATE;
      long address = LinuxCalls.mmap(0, length, LinuxCalls.PROT_READ, flags, descriptor, offset);
      if (address == -1) {
        throw failure("mmap", LinuxCalls.errno());
      }
      long pageBytes = LinuxCalls.getpagesize();
      byte[] pages = new byte[Math.toIntExact((length + pageBytes - 1) / pageBytes)];
      int errno = LinuxCalls.mincore(address, length, pages) < 0 ? LinuxCalls.errno() : 0;
      if (LinuxCalls.munmap(address, length) < 0) {
        throw failure("munmap", LinuxCalls.errno());
      }
      if (errno != 0) {
        throw failure("mincore", errno);
      }
      long resident = 0;
      for (byte page : pages) {
        resident += page & 1; // the kernel reserves the other bits
      }
      return resident;
    }

    private IOException failure(String operation, int errno) {
      String reason = operation + ": " + Errno.name(errno);
      return errno == Errno.ENOENT
          ? new NoSuchFileException(file.toString(), null, reason)
          : new FileSystemException(file.toString(), null, reason);
    }

    @Override
    public void close() throws IOException {
      // Never again after a failure: the descriptor is free by then, and may be another's.
      if (LinuxCalls.close(descriptor) < 0 && LinuxCalls.errno() != Errno.EINTR) {
        throw failure("close", LinuxCalls.errno());
      }
    }
  }
}

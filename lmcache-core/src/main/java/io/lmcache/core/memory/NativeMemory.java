// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Memory outside of the heap that begins on a 2 MiB boundary and asks for huge pages, with which
 * direct I/O is much faster: the kernel pins one page where it would pin 512. It is zero at first,
 * any size, and no part of what {@code -XX:MaxDirectMemorySize} limits.
 *
 * <p>Whether the pages really are huge is the kernel's choice when they are first touched; {@link
 * #kind} tells it. Pages that nobody may touch stand before and behind, so that running over the
 * end is a crash and not a neighbour's data, and what the kernel says is about this memory alone.
 *
 * <p>The owner closes it; there is no other way in which it goes. Buffers must not be used after
 * that: they point nowhere, and the JVM would crash. Safe for use by many threads, as far as nobody
 * uses a buffer while another closes.
 */
public final class NativeMemory implements AutoCloseable {

  /** What its address is a multiple of, and how large a huge page is on most machines. */
  public static final int ALIGNMENT = 2 << 20;

  private static final Path SMAPS = Path.of("/proc/self/smaps");
  private static final Path ENABLED = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  private final long reserved;
  private final long reservedBytes;
  private final long address;
  private final long bytes;
  private boolean closed;

  private NativeMemory(long reserved, long reservedBytes, long address, long bytes) {
    this.reserved = reserved;
    this.reservedBytes = reservedBytes;
    this.address = address;
    this.bytes = bytes;
  }

  /** Why there is no such memory on this machine; empty if there is. */
  public static Optional<String> unavailable() {
    return LinuxCalls.unavailable();
  }

  /**
   * Takes memory from the system.
   *
   * @param bytes how much; rounded up to a multiple of {@link #ALIGNMENT}
   * @throws IOException if the system has none; the message says which call failed, and its errno
   * @throws IllegalArgumentException if that is not positive
   * @throws UnsupportedOperationException if this is {@link #unavailable()}
   */
  public static NativeMemory allocate(long bytes) throws IOException {
    LinuxCalls.require();
    if (bytes <= 0 || bytes > Long.MAX_VALUE - 4L * ALIGNMENT) {
      throw new IllegalArgumentException("memory must have a positive size, got " + bytes);
    }
    long length = roundedUp(bytes);
    long reservedBytes = length + 2L * ALIGNMENT;
    int flags = LinuxCalls.MAP_PRIVATE | LinuxCalls.MAP_ANONYMOUS;
    long reserved = LinuxCalls.mmap(0, reservedBytes, LinuxCalls.PROT_NONE, flags, -1, 0);
    if (reserved == -1) {
      throw failure("mmap", reservedBytes, LinuxCalls.errno());
    }
    long address = roundedUp(reserved + 1); // past it, so that something stays before
    int access = LinuxCalls.PROT_READ | LinuxCalls.PROT_WRITE;
    if (LinuxCalls.mprotect(address, length, access) < 0) {
      int errno = LinuxCalls.errno();
      LinuxCalls.munmap(reserved, reservedBytes);
      throw failure("mprotect", length, errno);
    }
    // Only advice: a kernel without huge pages refuses it, and kind() tells what came of it.
    LinuxCalls.madvise(address, length, LinuxCalls.MADV_HUGEPAGE);
    return new NativeMemory(reserved, reservedBytes, address, length);
  }

  private static long roundedUp(long value) {
    return (value + ALIGNMENT - 1) & -(long) ALIGNMENT;
  }

  private static IOException failure(String operation, long bytes, int errno) {
    return new IOException(operation + " of " + bytes + " bytes: " + Errno.name(errno));
  }

  /** How much memory this is. */
  public long bytes() {
    return bytes;
  }

  /**
   * A direct buffer over a part of the memory, valid until this is closed.
   *
   * @throws IndexOutOfBoundsException if that part is not all within it
   * @throws IllegalStateException if this is closed
   */
  public synchronized ByteBuffer buffer(long offset, int length) {
    if (closed) {
      throw new IllegalStateException("the memory is closed");
    }
    Objects.checkFromIndexSize(offset, length, bytes);
    return new Pointer(address + offset).getByteBuffer(0, length);
  }

  /**
   * What the kernel gave, so far: pages come when they are touched.
   *
   * @throws IOException if the kernel does not say
   * @throws IllegalStateException if this is closed
   */
  public synchronized MemoryKind kind() throws IOException {
    if (closed) {
      throw new IllegalStateException("the memory is closed");
    }
    Smaps.Part part = Smaps.part(Files.readString(SMAPS), address, address + bytes);
    String pages = LinuxCalls.getpagesize() / 1024 + " KiB pages";
    return new MemoryKind(bytes, part.hugePageBytes(), pages, why(part));
  }

  private static String why(Smaps.Part part) throws IOException {
    if (part.hugePageBytes() > 0) {
      return "";
    }
    if (part.residentBytes() == 0) {
      return "not touched yet";
    }
    try {
      boolean never = Files.readString(ENABLED).contains("[never]");
      return never ? ENABLED + " says never" : "";
    } catch (NoSuchFileException e) {
      return "this kernel has no huge pages to advise";
    }
  }

  /** Gives the memory back; the second time does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (LinuxCalls.munmap(reserved, reservedBytes) < 0) {
        String name = Errno.name(LinuxCalls.errno());
        throw new IllegalStateException("munmap of " + reservedBytes + " bytes: " + name);
      }
    }
  }
}

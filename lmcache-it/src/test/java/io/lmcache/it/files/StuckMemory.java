// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Buffers into which the kernel cannot write for now: in each a page is missing, and who touches
 * it, the kernel amid a read included, waits until somebody supplies it. To who called the read
 * that is a device that does not answer, on any file system. Used by one thread, which waits for
 * others to be held; should they not come, the test's time limit ends it.
 *
 * <p>This is {@code userfaultfd(2)} of Linux on x86-64 and AArch64.
 */
final class StuckMemory implements AutoCloseable {

  static final int PAGE = 4096;

  private static final int SYS_USERFAULTFD = Platform.isARM() ? 282 : 323;
  private static final int O_CLOEXEC = 0x80000;
  private static final long UFFDIO_API = 0xc018aa3fL;
  private static final long UFFDIO_REGISTER = 0xc020aa00L;
  private static final long API = 0xaa;
  private static final long MISSING = 1;
  private static final int EVENT_BYTES = 32;
  private static final int MADV_DONTNEED = 4;

  static {
    Native.register(StuckMemory.class, Platform.C_LIBRARY_NAME);
  }

  private final int descriptor;

  StuckMemory() throws IOException {
    descriptor =
        (int) check("userfaultfd", syscall(new NativeLong(SYS_USERFAULTFD), O_CLOEXEC).longValue());
    try (Memory api = new Memory(24)) {
      api.clear();
      api.setLong(0, API);
      check("UFFDIO_API", ioctl(descriptor, new NativeLong(UFFDIO_API), api));
    }
  }

  private static native NativeLong syscall(NativeLong number, int flags);

  private static native int ioctl(int descriptor, NativeLong request, Pointer argument);

  private static native int madvise(Pointer address, NativeLong bytes, int advice);

  private static native NativeLong read(int descriptor, Pointer into, NativeLong bytes);

  private static native int close(int descriptor);

  private static long check(String call, long result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": errno " + Native.getLastError());
    }
    return result;
  }

  /**
   * Takes the second page away from a buffer that begins on one; it is zero when it comes back.
   *
   * @throws IOException if this cannot be done here
   */
  void takePage(ByteBuffer buffer) throws IOException {
    Pointer page = Native.getDirectBufferPointer(buffer).share(PAGE);
    check("madvise", madvise(page, new NativeLong(PAGE), MADV_DONTNEED));
    try (Memory range = new Memory(32)) {
      range.clear();
      range.setLong(0, Pointer.nativeValue(page));
      range.setLong(8, PAGE);
      range.setLong(16, MISSING);
      check("UFFDIO_REGISTER", ioctl(descriptor, new NativeLong(UFFDIO_REGISTER), range));
    }
  }

  /** Waits until a thread more is held. */
  void awaitHeld() throws IOException {
    try (Memory event = new Memory(EVENT_BYTES)) {
      long bytes = read(descriptor, event, new NativeLong(EVENT_BYTES)).longValue();
      if (check("read of userfaultfd", bytes) != EVENT_BYTES) {
        throw new IOException("an event of " + bytes + " bytes");
      }
    }
  }

  /** Lets all go on. */
  @Override
  public void close() {
    close(descriptor);
  }
}

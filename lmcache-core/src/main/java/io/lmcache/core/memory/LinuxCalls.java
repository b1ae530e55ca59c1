// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.memory;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * The C library's functions, and the constants that they take. One method is one call of the
 * function of that name; -1 is a failure, which {@link #errno} explains, in the same thread and
 * before another call.
 *
 * <p>The constants are those of x86-64 and AArch64; other machines have other ones, and are not
 * served. An address is a {@code long} here, and so are {@code size_t} and {@code off_t}.
 */
final class LinuxCalls {

  static final int O_RDONLY = 0;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int SEEK_END = 2;
  static final int POSIX_FADV_DONTNEED = 4;
  static final int PROT_NONE = 0;
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_PRIVATE = 0x2;
  static final int MAP_ANONYMOUS = 0x20;
  static final int MADV_HUGEPAGE = 14;

  private static final Set<String> MACHINES = Set.of("amd64", "x86_64", "aarch64");
  private static final Optional<String> UNAVAILABLE = register();

  private LinuxCalls() {}

  /** Why none of these can be called; empty if they can. */
  static Optional<String> unavailable() {
    return UNAVAILABLE;
  }

  /**
   * Does nothing if they can be called.
   *
   * @throws UnsupportedOperationException if not
   */
  static void require() {
    UNAVAILABLE.ifPresent(
        why -> {
          throw new UnsupportedOperationException(why);
        });
  }

  private static Optional<String> register() {
    String machine = System.getProperty("os.arch");
    if (!Platform.isLinux() || !MACHINES.contains(machine)) {
      return Optional.of(
          "only for Linux on x86-64 and AArch64, this is "
              + System.getProperty("os.name")
              + " on "
              + machine);
    }
    try {
      Native.register(LinuxCalls.class, Platform.C_LIBRARY_NAME);
      return Optional.empty();
    } catch (LinkageError | RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return Optional.of(
          cause instanceof IllegalCallerException
              ? "the JVM denies native access: add --enable-native-access=ALL-UNNAMED"
              : "JNA cannot be loaded (its property jna.tmpdir may help): " + cause);
    }
  }

  /** The name of a file as the kernel takes it. */
  static byte[] name(Path file) {
    String encoding = System.getProperty("sun.jnu.encoding");
    Charset charset = encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding);
    byte[] bytes = file.toString().getBytes(charset);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  /** What the last call of this thread failed with. */
  static int errno() {
    return Native.getLastError();
  }

  static native int open(byte[] name, int flags);

  static native int close(int file);

  static native int fdatasync(int file);

  /** Returns its errno, other than all the rest. */
  static native int posix_fadvise(int file, long offset, long length, int advice);

  static native long lseek(int file, long offset, int whence);

  static native long mmap(
      long address, long length, int protection, int flags, int file, long offset);

  static native int munmap(long address, long length);

  static native int mprotect(long address, long length, int protection);

  static native int madvise(long address, long length, int advice);

  static native int mincore(long address, long length, byte[] pages);

  static native int getpagesize();
}

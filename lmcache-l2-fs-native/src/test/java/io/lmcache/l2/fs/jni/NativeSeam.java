// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/**
 * Holds and fails the C++ client's file operations. The library that has this is built for tests
 * only, and is chosen with {@code -Dlmcache.native.path}.
 */
final class NativeSeam {

  static final int OPEN = 0;
  static final int CREATE = 1;
  static final int READ = 2;
  static final int WRITE = 3;
  static final int CLOSE = 7;
  static final int RENAME = 8;
  static final int UNLINK = 9;

  static final int FSYNC = 17;
  static final int FDATASYNC = 16;
  static final int DIO_ALIGN = 18;
  static final int MINCORE = 19;

  private NativeSeam() {}

  /** From now on calls of that operation stop inside the file system. */
  static native void hold(int operation);

  /** The n-th call from now on stops inside the file system. */
  static native void holdNth(int operation, int nthCall);

  /**
   * All that are held go on, and no operation is held any more; but a single call that was to be
   * held and has not come yet will be.
   */
  static native void release();

  /** How many calls are held now. */
  static native int held();

  /** Waits until so many calls are held at the same time; fails if they do not come. */
  static void awaitHeld(int calls) {
    if (!cameToBeHeld(calls)) {
      throw new AssertionError(
          "hangs: awaited "
              + calls
              + " file operations to be held at the same time, "
              + held()
              + " are, of "
              + inside()
              + " under way");
    }
  }

  /** Waits as {@link #awaitHeld} does, but no longer than a minute. */
  private static native boolean cameToBeHeld(int calls);

  /** How many calls are inside now. */
  static native int inside();

  /** The most calls that were inside at the same time since the last reset. */
  static native int peakInside();

  /** The n-th call from now on fails. */
  static native void fail(int operation, int nthCall, int errno);

  /** The n-th read or write from now on moves at most so many bytes. */
  static native void shorten(int operation, int nthCall, int bytes);

  /** Whether a fault that was set has not come up yet. */
  static native boolean hasFaults();

  /** How many faults came up since the last reset and made a difference. */
  static native int fired();

  /**
   * What the kernel says of a real file: the alignment of memory in the upper half, that of lengths
   * in the lower one; -ENODATA if it says nothing.
   */
  static native long dioAlignment(String path);

  /** How many pages of a real file are in the page cache; negative if that cannot be told. */
  static native long residentPages(String path, long size);

  /** From now on files are said to want these alignments; zeros: no direct I/O at all. */
  static native void setDioAlign(int memory, int offset);

  /** From now on that many pages of any file are said to be in the page cache. */
  static native void setResidentPages(long pages);

  /** From now on each call is written down. */
  static native void startTrace();

  /** What was written down, a call on each line, and no more of it. */
  static native String takeTrace();

  /** No holds, no faults, no trace, no answers of its own, a new peak. */
  static native void reset();
}

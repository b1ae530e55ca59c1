// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The C++ library's functions; the only class with native methods. The library must be {@linkplain
 * NativeLibrary#ensure loaded} first, and nothing here checks a handle: {@link LMCacheFSClient}
 * does.
 */
final class NativeCalls {

  /** What {@link #abiVersion} must answer. */
  static final int ABI = 2;

  /** For {@link #open}: files carry attributes. */
  static final int ATTRIBUTES = 1;

  /** For {@link #open}: attributes carry checksums, and loads verify them. */
  static final int CHECKSUM = 2;

  /** How many words {@link #counts} writes. */
  static final int COUNTS = 9;

  private NativeCalls() {}

  static native int abiVersion();

  static native String libraryVersion();

  /** {@code ENOSPC} for 28. */
  static native String errnoName(int errno);

  /** {@code No space left on device} for 28. */
  static native String errnoText(int errno);

  /**
   * Opens a client and starts its workers.
   *
   * @param flags {@link #ATTRIBUTES}, {@link #CHECKSUM}
   * @param fileMode the permission bits of files, whatever the umask
   * @param dirMode the permission bits of directories that a name with components needs
   * @param failure takes errno and {@link NativeStep} of a failure
   * @return the handle; 0 on failure
   */
  static native long open(
      byte[] basePath,
      byte[] stagingPath,
      byte[] stagingPrefix,
      int workers,
      int flags,
      int fileMode,
      int dirMode,
      int[] failure);

  /**
   * Submits a batch; does not wait. Java keeps the buffers alive.
   *
   * @param flags bit 0: replace
   * @param timeoutNanos how long items may wait for a worker; negative for as long as it takes
   * @param names as many file names as items, each ending with a NUL; relative to the directory,
   *     with at most two sub-directories before the name itself
   * @param digests for SET and GET the keys' digests, 16 bytes for each item; else null
   * @param canonicalKeys for SET, where a name does not tell its key: as many keys as items, each
   *     ending with a NUL, and empty for items whose name does; else null
   * @param sizes null where there are no buffers
   * @return 0 if accepted, negative if refused: -1 stopped, -2 bad arguments, -3 no memory
   */
  static native int submit(
      long handle,
      long batch,
      int operation,
      int flags,
      int priority,
      long timeoutNanos,
      int count,
      byte[] names,
      byte @Nullable [] digests,
      byte @Nullable [] canonicalKeys,
      long @Nullable [] sizes,
      ByteBuffer @Nullable [] buffers);

  /**
   * Waits without a time limit for batches that are complete and writes them: batch, count, then
   * two words for each item, as {@link NativeResult} reads them.
   *
   * @return how many words were written; 0 if stopped and everything was delivered; -n if the next
   *     batch needs an array of n words
   */
  static native int drain(long handle, long[] results);

  /**
   * Writes {@link #COUNTS} words: how many items wait for a worker, and how many a worker has
   * begun; then what was found since the client was opened: corrupt objects; those of them that
   * could not be removed, or not so soon after so many others; loads of files without an attribute;
   * files and other things that are not ours, met in an object's place; files without attribute and
   * content; objects of another size than wanted. The last one is 1 if corrupt objects were kept in
   * the last minute because there were too many, else 0.
   */
  static native void counts(long handle, long[] out);

  /** Completes every item that waits for a worker as closed; says how many. */
  static native int cancelQueued(long handle);

  /** No more batches; {@link #drain} ends once everything was delivered. */
  static native void stop(long handle);

  /** Joins the workers and frees the client; only after {@link #drain} has ended. */
  static native void destroy(long handle);
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The C++ library's functions; the only class with native methods. The library must be {@linkplain
 * NativeLibrary#ensure loaded} first, and nothing here checks a handle: {@link LMCacheFSClient}
 * does.
 */
final class NativeCalls {

  /** What {@link #abiVersion} must answer. */
  static final int ABI = 5;

  /** For {@link #submit}: of a SET, write although an object of the same size is there. */
  static final int REPLACE = 1;

  /** For {@link #submit}: there is too much in the store, so deletes go before stores. */
  static final int DELETES_FIRST = 2;

  /** An answer of {@link #submit}: it takes no more. */
  static final int STOPPED = -1;

  /** An answer of {@link #submit}: there is no memory for it. */
  static final int NO_MEMORY = -3;

  /** What {@link #counts} writes, in its order. */
  static final List<String> COUNTS =
      List.of(
          "queued",
          "running",
          "corrupt",
          "corrupt_kept",
          "unverified",
          "foreign",
          "empty",
          "size_mismatch",
          "direct_stores",
          "direct_loads",
          "odirect_fallback_length",
          "odirect_fallback_fs",
          "odirect_fallback_errno",
          "read_bytes_in_flight",
          "split_loads",
          "removal_tripped");

  private NativeCalls() {}

  static native int abiVersion();

  static native String libraryVersion();

  /**
   * How this processor computes checksums, fastest first: {@code folded}, {@code instruction} or
   * {@code software}.
   */
  static native String crc32cWay();

  /** {@code ENOSPC} for 28. */
  static native String errnoName(int errno);

  /** {@code No space left on device} for 28. */
  static native String errnoText(int errno);

  /**
   * Opens a client and starts its threads.
   *
   * @param options see {@link NativeOptions}
   * @param opening takes what {@link NativeOpening} reads, also on failure
   * @return the handle; 0 on failure
   */
  static native long open(
      byte[] basePath, byte[] stagingPath, byte[] stagingPrefix, long[] options, long[] opening);

  /**
   * Submits a batch; does not wait. Java keeps the buffers alive.
   *
   * @param flags {@link #REPLACE}, {@link #DELETES_FIRST}
   * @param timeoutNanos how long items may wait for a worker; negative for as long as it takes
   * @param names as many file names as items, each ending with a NUL; relative to the directory,
   *     with at most two sub-directories before the name itself
   * @param digests for SET and GET the keys' digests, 16 bytes for each item; else null
   * @param canonicalKeys for SET, where a name does not tell its key: as many keys as items, each
   *     ending with a NUL, and empty for items whose name does; else null
   * @param sizes the objects' sizes; null where there are no buffers
   * @param buffers for SET and GET the objects with their padding, each at least of that size
   * @return 0 if accepted, else {@link #STOPPED}, {@link #NO_MEMORY}, or -2 for bad arguments
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
   * Writes as many words as {@link #COUNTS} has names: how many items wait for a worker, and how
   * many a worker has begun; then what happened since the client was opened: corrupt objects; those
   * of them that could not be removed, or not so soon after so many others; loads of files without
   * an attribute; files and other things that are not ours, met in an object's place; files without
   * attribute and content; objects of another size than wanted; objects that were stored and loaded
   * past the page cache; objects that should have been, and were not, because of their length, the
   * file system, or an error; the bytes of objects being loaded now; loads that were read in
   * pieces. The last one is 1 if corrupt objects were kept in the last minute because there were
   * too many, else 0.
   */
  static native void counts(long handle, long[] out);

  /** What is known of direct I/O by now, as {@link NativeOpening#settled} reads it. */
  static native long direct(long handle);

  /** Completes every item that waits for a worker as closed; says how many. */
  static native int cancelQueued(long handle);

  /** No more batches; {@link #drain} ends once everything was delivered. */
  static native void stop(long handle);

  /** Joins the workers and frees the client; only after {@link #drain} has ended. */
  static native void destroy(long handle);
}

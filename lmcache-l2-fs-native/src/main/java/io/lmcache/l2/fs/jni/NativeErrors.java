// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.GoneDirectory;
import io.lmcache.l2.fs.OpenFilesLimit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;

/** Puts a failed system call into the words of the SPI. */
final class NativeErrors {

  private NativeErrors() {}

  static L2Error error(NativeStep step, String path, int errno) {
    String name = errno == 0 ? "" : NativeCalls.errnoName(errno);
    return new L2Error(code(step, name), retry(step, name), name, text(step, path, errno));
  }

  /** {@code open /data/x: Permission denied (EACCES)}. */
  static String text(NativeStep step, String path, int errno) {
    String place = step.text() + " " + path;
    if (errno != 0) {
      place += ": " + named(errno);
    }
    return place + advice(step, errno);
  }

  /** What the words of the system leave open. */
  private static String advice(NativeStep step, int errno) {
    return switch (step) {
      case VERIFY -> ": the file system reports another one";
      case ATTRIBUTE_REFUSED ->
          "; the file system has free blocks, so a quota is used up, or the attribute is too long"
              + " for it: ext4 takes longer ones with the feature ea_inode";
      case THREAD ->
          "; lower num_workers or read_io_depth, or raise the limit of processes (ulimit -u,"
              + " pids.max of the cgroup)";
      case INTERNAL ->
          errno == 0
              ? ": the C++ library caught an exception, which is a bug: please report it with the"
                  + " version that ./lmcache doctor shows"
              : "";
      default -> errno == 0 ? ": failed" : advice(NativeCalls.errnoName(errno));
    };
  }

  private static String advice(String errno) {
    return OpenFilesLimit.advice(errno) + GoneDirectory.advice(errno);
  }

  /** {@code Permission denied (EACCES)}. */
  static String named(int errno) {
    return NativeCalls.errnoText(errno) + " (" + NativeCalls.errnoName(errno) + ")";
  }

  static L2Error misaligned(NativeOperation operation, String path, long address, long alignment) {
    return direct(
        operation,
        path,
        "O_DIRECT buffer address 0x"
            + Long.toHexString(address)
            + " is not aligned to "
            + alignment
            + " bytes; raise --l1-align-bytes");
  }

  static L2Error lengthNotDirect(
      NativeOperation operation, String path, long length, long alignment) {
    return direct(
        operation,
        path,
        "length "
            + length
            + " is not a multiple of "
            + alignment
            + " and the buffer has no padding up to one, which \"use_odirect\": \"require\" needs;"
            + " raise --l1-align-bytes");
  }

  /** A key that had to go past the page cache, and cannot. */
  static L2Error direct(NativeOperation operation, String path, String why) {
    return new L2Error(
        L2ErrorCode.MISALIGNED, Retry.NEVER, "EINVAL", operation.verb() + " " + path + ": " + why);
  }

  static L2Error notDirect(NativeOperation operation, String path, int errno) {
    String name = NativeCalls.errnoName(errno);
    return new L2Error(
        L2ErrorCode.MISALIGNED,
        Retry.NEVER,
        name,
        operation.verb()
            + " "
            + path
            + ": the file system refuses O_DIRECT for this file: "
            + named(errno)
            + "; \"use_odirect\": \"require\" allows nothing else");
  }

  private static L2ErrorCode code(NativeStep step, String errno) {
    if (step == NativeStep.ATTRIBUTE_REFUSED) {
      // Room would not help.
      return L2ErrorCode.IO;
    }
    return switch (errno) {
      case "ENOSPC", "EDQUOT" -> L2ErrorCode.NO_SPACE;
      case "EACCES", "EPERM", "EROFS" -> L2ErrorCode.ACCESS;
      case "ENOENT", "ENOTDIR", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "ESHUTDOWN" ->
          L2ErrorCode.UNAVAILABLE;
      case "ENAMETOOLONG" -> L2ErrorCode.UNSUPPORTED_KEY;
      case "EFBIG" -> L2ErrorCode.TOO_LARGE;
      default ->
          switch (step) {
            case INTERNAL -> L2ErrorCode.INTERNAL;
            case OCCUPIED -> L2ErrorCode.ACCESS;
            default -> L2ErrorCode.IO;
          };
    };
  }

  private static Retry retry(NativeStep step, String errno) {
    if (step == NativeStep.OCCUPIED) {
      return Retry.NEVER;
    }
    if (step == NativeStep.ATTRIBUTE_REFUSED) {
      return Retry.LATER;
    }
    return switch (errno) {
      case "ENOSPC", "EDQUOT" -> Retry.AFTER_ROOM;
      case "EACCES", "EPERM", "EROFS", "ENAMETOOLONG", "EFBIG", "EISDIR", "ELOOP", "EINVAL" ->
          Retry.NEVER;
      default -> Retry.LATER;
    };
  }
}

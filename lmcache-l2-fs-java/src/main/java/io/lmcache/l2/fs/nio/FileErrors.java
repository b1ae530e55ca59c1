// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.Errno;
import io.lmcache.l2.fs.GoneDirectory;
import io.lmcache.l2.fs.OpenFilesLimit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Puts a failed file operation into the words of the SPI. What {@link Errno} does not recognize is
 * {@link L2ErrorCode#IO} and may be tried again.
 */
final class FileErrors {

  private FileErrors() {}

  /**
   * The failure of an operation.
   *
   * @param operation such as {@code write staging file for}
   */
  static StorageException of(String operation, Path path, IOException failure) {
    if (failure instanceof StorageException known) {
      return known;
    }
    String errno = Errno.of(failure);
    String text =
        operation + " " + path + ": " + reason(failure, errno) + GoneDirectory.advice(errno);
    return new StorageException(new L2Error(code(errno), retry(errno), errno, text), failure);
  }

  /** That of an attribute for which there is no room where there are free blocks. */
  static StorageException ofRefusedAttribute(String operation, Path path, IOException failure) {
    String errno = Errno.of(failure);
    String text =
        operation
            + " "
            + path
            + ": "
            + reason(failure, errno)
            + "; the file system has free blocks, so a quota is used up, or the attribute is too"
            + " long for it: ext4 takes longer ones with the feature ea_inode";
    return new StorageException(new L2Error(L2ErrorCode.IO, Retry.LATER, errno, text), failure);
  }

  /** The failure of a store into a directory that is not the one that was opened. */
  static StorageException ofAnotherDirectory(String operation, Path path) {
    return of(operation, path, new NoSuchFileException(path.toString()));
  }

  /** What the system said, in one line, and what to do about it. */
  static String reason(IOException failure) {
    return reason(failure, Errno.of(failure));
  }

  private static String reason(IOException failure, String errno) {
    return Errno.reason(failure, errno) + OpenFilesLimit.advice(errno);
  }

  /** Whether there is no room. */
  static boolean isNoSpace(IOException failure) {
    String errno = Errno.of(failure);
    return errno.equals("ENOSPC") || errno.equals("EDQUOT");
  }

  private static L2ErrorCode code(String errno) {
    return switch (errno) {
      case "ENOSPC", "EDQUOT" -> L2ErrorCode.NO_SPACE;
      case "EACCES", "EPERM", "EROFS" -> L2ErrorCode.ACCESS;
      case "ENOENT", "ENOTDIR", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "ESHUTDOWN" ->
          L2ErrorCode.UNAVAILABLE;
      case "ENAMETOOLONG" -> L2ErrorCode.UNSUPPORTED_KEY;
      case "EFBIG" -> L2ErrorCode.TOO_LARGE;
      default -> L2ErrorCode.IO;
    };
  }

  private static Retry retry(String errno) {
    return switch (errno) {
      case "ENOSPC", "EDQUOT" -> Retry.AFTER_ROOM;
      case "EACCES", "EPERM", "EROFS", "ENAMETOOLONG", "EFBIG", "EISDIR", "ELOOP", "EINVAL" ->
          Retry.NEVER;
      default -> Retry.LATER;
    };
  }
}

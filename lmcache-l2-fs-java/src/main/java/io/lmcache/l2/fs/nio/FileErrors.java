// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.GoneDirectory;
import io.lmcache.l2.fs.OpenFilesLimit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts a failed file operation into the words of the SPI.
 *
 * <p>Java tells of most errors only in the words of the C library, so those are what is looked for;
 * what is not recognized is {@link L2ErrorCode#IO} and may be tried again.
 */
final class FileErrors {

  private static final Map<String, String> ERRNO_BY_TEXT =
      Map.ofEntries(
          Map.entry("No space left on device", "ENOSPC"),
          Map.entry("Disk quota exceeded", "EDQUOT"),
          Map.entry("Permission denied", "EACCES"),
          Map.entry("Operation not permitted", "EPERM"),
          Map.entry("Read-only file system", "EROFS"),
          Map.entry("Input/output error", "EIO"),
          Map.entry("Stale file handle", "ESTALE"),
          Map.entry("No such file or directory", "ENOENT"),
          Map.entry("Not a directory", "ENOTDIR"),
          Map.entry("Is a directory", "EISDIR"),
          Map.entry("No such device or address", "ENXIO"),
          Map.entry("No such device", "ENODEV"),
          Map.entry("Transport endpoint is not connected", "ENOTCONN"),
          Map.entry("Cannot send after transport endpoint shutdown", "ESHUTDOWN"),
          Map.entry("File name too long", "ENAMETOOLONG"),
          Map.entry("File too large", "EFBIG"),
          Map.entry("Too many open files in system", "ENFILE"),
          Map.entry("Too many open files", "EMFILE"),
          Map.entry("Too many levels of symbolic links", "ELOOP"),
          Map.entry("Cannot allocate memory", "ENOMEM"),
          Map.entry("Connection timed out", "ETIMEDOUT"),
          Map.entry("Invalid argument", "EINVAL"),
          Map.entry("Operation not supported", "EOPNOTSUPP"));

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
    String errno = errno(failure);
    String text =
        operation + " " + path + ": " + reason(failure, errno) + GoneDirectory.advice(errno);
    return new StorageException(new L2Error(code(errno), retry(errno), errno, text), failure);
  }

  /** That of an attribute for which there is no room where there are free blocks. */
  static StorageException ofRefusedAttribute(String operation, Path path, IOException failure) {
    String errno = errno(failure);
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

  /** What the system said, in one line. */
  static String reason(IOException failure) {
    return reason(failure, errno(failure));
  }

  /** Whether it says that there is no such file: for a reader the same, however it came to be. */
  static boolean isAbsence(IOException failure) {
    String errno = errno(failure);
    return errno.equals("ENOENT") || errno.equals("ENOTDIR") || errno.equals("ESTALE");
  }

  /** Whether there is no room. */
  static boolean isNoSpace(IOException failure) {
    String errno = errno(failure);
    return errno.equals("ENOSPC") || errno.equals("EDQUOT");
  }

  /** The name of the error number, such as {@code ENOSPC}; empty if it cannot be told. */
  static String errno(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "ENOENT";
    }
    if (failure instanceof AccessDeniedException) {
      return "EACCES";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "EEXIST";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "ENOTEMPTY";
    }
    String words = words(failure);
    if (words == null) {
      return "";
    }
    String longest = "";
    for (String text : ERRNO_BY_TEXT.keySet()) {
      // One text may begin with another: the longer one is meant.
      if (text.length() > longest.length() && words.contains(text)) {
        longest = text;
      }
    }
    return longest.isEmpty() ? "" : ERRNO_BY_TEXT.getOrDefault(longest, "");
  }

  /** What the system said; a path in the message must not be taken for it. */
  private static @Nullable String words(IOException failure) {
    return failure instanceof FileSystemException detailed
        ? detailed.getReason()
        : failure.getMessage();
  }

  private static String reason(IOException failure, String errno) {
    String words = words(failure);
    if (words == null) {
      words =
          switch (errno) {
            case "ENOENT" -> "No such file or directory";
            case "EACCES" -> "Permission denied";
            case "EEXIST" -> "File exists";
            case "ENOTEMPTY" -> "Directory not empty";
            default -> failure.toString();
          };
    }
    String line = words.strip().replaceAll("\\s*\\R\\s*", "; ");
    return errno.isEmpty() ? line : line + " (" + errno + ")" + OpenFilesLimit.advice(errno);
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

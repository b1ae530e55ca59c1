// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which error number is behind an exception. Java tells of most errors only in the words of the C
 * library, so those are what is looked for.
 */
public final class Errno {

  private static final Map<String, String> BY_TEXT =
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

  private Errno() {}

  /** The name of the error number, such as {@code ENOSPC}; empty if it cannot be told. */
  public static String of(IOException failure) {
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
    for (String text : BY_TEXT.keySet()) {
      // One text may begin with another: the longer one is meant.
      if (text.length() > longest.length() && words.contains(text)) {
        longest = text;
      }
    }
    return longest.isEmpty() ? "" : BY_TEXT.getOrDefault(longest, "");
  }

  /** Whether it says that there is no such file: for a reader the same, however it came to be. */
  public static boolean isAbsence(IOException failure) {
    String errno = of(failure);
    return errno.equals("ENOENT") || errno.equals("ENOTDIR") || errno.equals("ESTALE");
  }

  /** What the system said, in one line, and the name of the error number. */
  public static String reason(IOException failure) {
    return reason(failure, of(failure));
  }

  /** The same with an error number that is known better than the file system tells it. */
  public static String reason(IOException failure, String errno) {
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
    return errno.isEmpty() ? line : line + " (" + errno + ")";
  }

  /** What the system said; a path in the message must not be taken for it. */
  private static @Nullable String words(IOException failure) {
    return failure instanceof FileSystemException detailed
        ? detailed.getReason()
        : failure.getMessage();
  }
}

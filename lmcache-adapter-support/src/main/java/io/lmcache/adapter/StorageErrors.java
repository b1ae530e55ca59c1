// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Puts what a storage threw into the words of the SPI. */
final class StorageErrors {

  /** For a failure that cannot even be described, as without memory. */
  private static final L2Error UNDESCRIBED =
      L2Error.of(L2ErrorCode.INTERNAL, Retry.NEVER, "the storage failed and could not say why");

  private StorageErrors() {}

  /**
   * The error of a call that ended with an exception. Throws nothing, whatever the exception does
   * when it is asked.
   *
   * @param call what was called, such as {@code put}
   * @param key on which object
   */
  static L2Error of(String call, ObjectKey key, Throwable failure) {
    try {
      return of(call + " " + key, failure);
    } catch (Throwable t) {
      return UNDESCRIBED;
    }
  }

  /** The same for a call that is about no single object. */
  static L2Error of(String call, Throwable failure) {
    try {
      return failure instanceof IOException io ? ofIo(call, io) : defect(call, failure);
    } catch (Throwable t) {
      return UNDESCRIBED;
    }
  }

  private static L2Error defect(String call, Throwable failure) {
    return L2Error.of(L2ErrorCode.INTERNAL, Retry.NEVER, oneLine(call + ": " + failure));
  }

  /** What a failure says of itself, in one line. */
  static String told(Throwable failure) {
    String message = failure.getMessage();
    // What a FileSystemException says is often a path only; its class then says what happened.
    return oneLine(
        message != null && failure.getClass() == IOException.class ? message : failure.toString());
  }

  static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static L2Error ofIo(String call, IOException failure) {
    if (failure instanceof StorageException known) {
      return known.error();
    }
    String message = failure.getMessage();
    String text = oneLine(call + ": " + told(failure));
    // A path may hold any words.
    String told = failure instanceof FileSystemException file ? file.getReason() : message;
    String words = told == null ? "" : told;
    if (words.contains("No space left on device")) {
      return new L2Error(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "ENOSPC", text);
    }
    if (words.contains("Disk quota exceeded")) {
      return new L2Error(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "EDQUOT", text);
    }
    if (words.contains("Read-only file system")) {
      return new L2Error(L2ErrorCode.ACCESS, Retry.NEVER, "EROFS", text);
    }
    if (failure instanceof AccessDeniedException) {
      return L2Error.of(L2ErrorCode.ACCESS, Retry.NEVER, text);
    }
    boolean away =
        failure instanceof NoSuchFileException
            || failure instanceof ConnectException
            || failure instanceof UnknownHostException
            || failure instanceof SocketTimeoutException;
    return L2Error.of(away ? L2ErrorCode.UNAVAILABLE : L2ErrorCode.IO, Retry.LATER, text);
  }
}

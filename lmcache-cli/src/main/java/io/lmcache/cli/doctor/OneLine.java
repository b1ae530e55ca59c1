// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** Text and exceptions as one line each. */
final class OneLine {

  private OneLine() {}

  static String of(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  /** What went wrong, for somebody who can act on it. */
  static String of(Exception failure) {
    String message = failure.getMessage();
    boolean onlyAPath = failure instanceof FileSystemException file && file.getReason() == null;
    return of(
        failure instanceof IOException && message != null && !onlyAPath
            ? message
            : (failure instanceof IOException ? "" : "unexpected: ") + failure);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

/** Something that the user can act on went wrong; the message is one line that says what. */
public final class FailureException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With the line and, for {@code -v}, what led to it. */
  public FailureException(String line, Throwable cause) {
    super(line, cause);
  }
}

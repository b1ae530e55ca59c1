// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/** A key that the directory format has no file name for. */
public final class UnsupportedKeyException extends Exception {

  private static final long serialVersionUID = 1L;

  /** With the reason, which names the key. */
  public UnsupportedKeyException(String reason) {
    super(reason);
  }
}

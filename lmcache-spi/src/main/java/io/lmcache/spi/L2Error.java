// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * Why one key failed.
 *
 * @param code the kind, for programs
 * @param retry whether trying again can help
 * @param nativeCode what the storage itself said, such as {@code ENOSPC} or {@code HTTP 503}; empty
 *     if it said nothing
 * @param text one line for people, with the operation and the path or address
 */
public record L2Error(L2ErrorCode code, Retry retry, String nativeCode, String text) {

  /** A failure that the storage had no part in. */
  public static L2Error of(L2ErrorCode code, Retry retry, String text) {
    return new L2Error(code, retry, "", text);
  }

  /** The adapter is closed. */
  public static L2Error closed(String text) {
    return of(L2ErrorCode.CLOSED, Retry.NEVER, text);
  }

  /** The deadline passed first. */
  public static L2Error deadline(String text) {
    return of(L2ErrorCode.DEADLINE, Retry.LATER, text);
  }

  @Override
  public String toString() {
    return code + (nativeCode.isEmpty() ? "" : " (" + nativeCode + ")") + ": " + text;
  }
}

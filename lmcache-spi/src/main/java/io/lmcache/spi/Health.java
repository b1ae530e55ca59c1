// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** How an adapter is doing. */
public enum Health {
  /** All well. */
  OK,
  /** It works, but not as it should; the reason says what is wrong. */
  DEGRADED,
  /** It does nothing any more; every request fails. */
  FAILED,
  /** Closing or closed. */
  CLOSED
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** Whether trying again can help. */
public enum Retry {
  /** The same request fails the same way. */
  NEVER,
  /** It may work in a while. */
  LATER,
  /** It may work once something was evicted. */
  AFTER_ROOM
}

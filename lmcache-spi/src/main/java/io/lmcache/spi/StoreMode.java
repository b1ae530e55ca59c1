// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** What a store does if the key is already there. */
public enum StoreMode {
  /**
   * A key names its content, so an object of the same size is left alone: {@link
   * StoreOutcome#ALREADY_PRESENT}, and no byte moves. An object of another size is replaced.
   */
  IF_ABSENT,

  /**
   * Always written. Readers get the old object or the new one, whole, and at no time neither if the
   * key was there before.
   */
  REPLACE
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** How far a lookup goes. */
public enum Extent {
  /** Every key is looked up. */
  ALL,

  /**
   * Keys count only up to the first that is not there, as a prompt's chunks are of use only without
   * a gap: hits after it are neither reported nor pinned.
   */
  PREFIX
}

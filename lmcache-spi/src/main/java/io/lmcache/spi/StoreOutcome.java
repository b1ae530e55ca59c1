// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** What became of one key of a store. */
public enum StoreOutcome {
  /** Written and published; every byte of it moved. */
  STORED,
  /** An object of the same size was there; no byte moved. Only with {@link StoreMode#IF_ABSENT}. */
  ALREADY_PRESENT,
  /** Not stored; what was there before is still there, whole. */
  FAILED
}

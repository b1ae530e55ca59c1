// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** What became of one key of a delete. */
public enum DeleteOutcome {
  /** It was there and is gone. */
  DELETED,
  /** It was not there. */
  ABSENT,
  /** A lease of this adapter holds it; it was left alone. */
  PINNED,
  /** The storage failed; the object may still be there. */
  FAILED
}

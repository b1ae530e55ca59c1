// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** What became of one key of a load. Unless LOADED, the content of its buffer is undefined. */
public enum LoadOutcome {
  /** The buffer holds the object. */
  LOADED,
  /** The object is not there. */
  NOT_FOUND,
  /** The object is there with another size than the buffer; it was left alone. */
  SIZE_MISMATCH,
  /** What is there fails its integrity check; it is not served, and a later store replaces it. */
  CORRUPT,
  /** The storage failed; the object may be there. */
  FAILED
}

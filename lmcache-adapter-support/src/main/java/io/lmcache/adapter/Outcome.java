// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

/** How a key of a {@link Batch} ended, if it did not fail with an error of its own. */
public enum Outcome {
  /** Of a store: written and published. */
  STORED,
  /** Of a store that does not replace: an object of the same size was there. */
  ALREADY_PRESENT,
  /** Of a load: the buffer holds the object. */
  LOADED,
  /** Of a load or lookup: it is not there. */
  NOT_FOUND,
  /** Of a load: it is there with another size. */
  SIZE_MISMATCH,
  /** Of a load: it fails its integrity check and is not there any more. */
  CORRUPT,
  /** Of a lookup: it is there. */
  FOUND,
  /** Of a delete: it was there and is gone. */
  DELETED,
  /** Of a delete: it was not there. */
  ABSENT,
  /** Of any: the deadline passed before a worker began. */
  DEADLINE,
  /** Of any: the adapter closed before a worker began. */
  CLOSED
}

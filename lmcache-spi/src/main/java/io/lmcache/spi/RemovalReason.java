// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** Why an object is no longer in an adapter. */
public enum RemovalReason {
  /** A delete. */
  DELETED,
  /** Somebody else removed it; the adapter noticed. */
  GONE,
  /** It failed its integrity check. */
  CORRUPT,
  /** A store of another object under the same key took its place; a stored event follows. */
  REPLACED
}

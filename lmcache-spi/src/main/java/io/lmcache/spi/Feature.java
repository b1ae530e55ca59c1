// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * What an adapter may decline. Everything is supported unless declined in {@link
 * AdapterLimits#declined()}; what is declined refuses as its constant says and does nothing.
 */
public enum Feature {
  /** Each key of a delete is FAILED with {@link L2ErrorCode#DECLINED}. */
  DELETE,
  /** A listing completes with a page that has the error {@link L2ErrorCode#DECLINED}. */
  LIST,
  /** Each key of a {@link StoreMode#REPLACE} store is FAILED with {@link L2ErrorCode#DECLINED}. */
  REPLACE,
  /** Objects do not outlive the adapter: the next one that is opened starts empty. */
  PERSISTENCE
}

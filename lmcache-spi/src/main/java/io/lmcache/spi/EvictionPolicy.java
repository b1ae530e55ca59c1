// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** How the core chooses what leaves an adapter. */
public enum EvictionPolicy {
  /** Least recently used first. */
  @JsonLiteral("LRU")
  LRU,
  /** Least recently used first, each cache salt within its quota. */
  @JsonLiteral("IsolatedLRU")
  ISOLATED_LRU,
  /** Nothing is evicted. */
  @JsonLiteral("noop")
  NOOP
}

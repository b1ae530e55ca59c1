// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * What a lookup found. An adapter may keep its own knowledge behind it (an ETag, an inode, a
 * sequence number) and use it when the hit comes back in a {@link LoadItem}; it must not trust a
 * hit that it did not make.
 */
public interface Hit {

  /** The object's size in bytes. */
  long sizeBytes();

  /**
   * Whether the size is exact. If not, it is an upper bound, as where the storage knows a padded
   * length only.
   */
  boolean sizeExact();
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import org.jspecify.annotations.Nullable;

/**
 * One object to load.
 *
 * @param key its name
 * @param object where the bytes go; its size is the size that the stored object must have
 * @param hit what a lookup of the same adapter found, which may save the adapter a round trip; null
 *     if there was none
 */
public record LoadItem(ObjectKey key, MemoryObject object, @Nullable Hit hit) {

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if the object's memory is read-only
   */
  public LoadItem {
    if (object.isReadOnly()) {
      throw new IllegalArgumentException("cannot load into read-only memory: " + key);
    }
  }

  /** A load without a lookup before it. */
  public static LoadItem of(ObjectKey key, MemoryObject object) {
    return new LoadItem(key, object, null);
  }
}

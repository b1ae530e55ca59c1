// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import org.jspecify.annotations.Nullable;

/**
 * One page of a walk over the keys.
 *
 * @param modelName only keys of this model; null for all
 * @param pageSize the most entries wanted, from 1 to {@value #MAX_PAGE_SIZE}; a page may hold
 *     fewer, also none, without being the last
 * @param cursor {@link KeyPage#nextCursor()} of the page before; null for the first
 */
public record ListRequest(@Nullable String modelName, int pageSize, @Nullable String cursor) {

  /** The largest page. */
  public static final int MAX_PAGE_SIZE = 100_000;

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if the page size is out of range
   */
  public ListRequest {
    if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
      throw new IllegalArgumentException(
          "page_size must be between 1 and " + MAX_PAGE_SIZE + ", got " + pageSize);
    }
  }

  /** The first page of all keys. */
  public static ListRequest first(int pageSize) {
    return new ListRequest(null, pageSize, null);
  }

  /** The page after the given one, or null if that was the last. */
  public @Nullable ListRequest after(KeyPage page) {
    return page.nextCursor() == null
        ? null
        : new ListRequest(modelName, pageSize, page.nextCursor());
  }
}

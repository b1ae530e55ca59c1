// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;

/**
 * Objects to store, each on its own: they are neither published together nor fail together.
 *
 * @param items at least one, no key twice
 * @param mode what to do with keys that are there
 * @param options deadline and priority
 */
public record StoreRequest(List<StoreItem> items, StoreMode mode, Options options) {

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if there is no item, or a key occurs twice
   */
  public StoreRequest {
    items = Requests.checked(items, StoreItem::key);
  }

  /** The usual store: {@link StoreMode#IF_ABSENT}, {@link Options#DEFAULT}. */
  public static StoreRequest of(List<StoreItem> items) {
    return new StoreRequest(items, StoreMode.IF_ABSENT, Options.DEFAULT);
  }
}

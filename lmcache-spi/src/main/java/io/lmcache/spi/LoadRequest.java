// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;

/**
 * Objects to load.
 *
 * @param items at least one, no key twice; their memory must not overlap
 * @param options deadline and priority
 */
public record LoadRequest(List<LoadItem> items, Options options) {

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if there is no item, or a key occurs twice
   */
  public LoadRequest {
    items = Requests.checked(items, LoadItem::key);
  }

  /** A load with {@link Options#DEFAULT}. */
  public static LoadRequest of(List<LoadItem> items) {
    return new LoadRequest(items, Options.DEFAULT);
  }
}

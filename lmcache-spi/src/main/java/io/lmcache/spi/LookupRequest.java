// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;
import java.util.function.Function;

/**
 * Keys to look up.
 *
 * @param keys at least one, none twice; for {@link Extent#PREFIX} in the prompt's order
 * @param extent all of them, or the run up to the first miss
 * @param pin whether hits are pinned until the lease lets go of them
 * @param options deadline and priority
 */
public record LookupRequest(List<ObjectKey> keys, Extent extent, boolean pin, Options options) {

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if there is no key, or one occurs twice
   */
  public LookupRequest {
    keys = Requests.checked(keys, Function.identity());
  }

  /** All keys, hits pinned. */
  public static LookupRequest of(List<ObjectKey> keys) {
    return new LookupRequest(keys, Extent.ALL, true, Options.DEFAULT);
  }
}

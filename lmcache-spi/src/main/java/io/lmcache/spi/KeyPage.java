// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a listing.
 *
 * @param entries keys in no particular order
 * @param nextCursor where the next page goes on; opaque; null if this was the last
 * @param error why the walk could not go on, or null; a page with an error has no next
 */
public record KeyPage(
    List<KeyEntry> entries, @Nullable String nextCursor, @Nullable L2Error error) {

  /** Copies. */
  public KeyPage {
    entries = List.copyOf(entries);
  }

  /** A walk that failed. */
  public static KeyPage failed(L2Error error) {
    return new KeyPage(List.of(), null, error);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a load request, key by key.
 *
 * @param keys one result per key, in the request's order
 */
public record LoadResult(List<KeyResult<LoadOutcome>> keys) {

  /** Copies. */
  public LoadResult {
    keys = List.copyOf(keys);
  }

  /** The number of keys. */
  public int size() {
    return keys.size();
  }

  /** The outcome of the i-th key of the request. */
  public LoadOutcome outcome(int i) {
    return keys.get(i).outcome();
  }

  /** Why the i-th key failed, or null if it did not. */
  public @Nullable L2Error error(int i) {
    return keys.get(i).error();
  }

  /** How many keys had this outcome. */
  public int count(LoadOutcome outcome) {
    int n = 0;
    for (KeyResult<LoadOutcome> key : keys) {
      n += key.outcome() == outcome ? 1 : 0;
    }
    return n;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a lookup, and with {@link LookupRequest#pin()} the pins on its hits.
 *
 * <p>While a key is pinned this adapter instance neither deletes nor evicts it. Pins do not bind
 * other processes or the storage itself, so a load under a lease may still be {@link
 * LoadOutcome#NOT_FOUND}. A lease has no time limit: its owner closes it, and the adapter's status
 * names leases, owners and ages.
 *
 * <p>Safe for use by many threads. Letting go twice, or after the adapter's close, does nothing.
 */
public interface LookupLease extends AutoCloseable {

  /** The number of keys that were asked for. */
  int size();

  /** Whether the i-th key is there; with {@link Extent#PREFIX}, only if all before it are too. */
  boolean hit(int i);

  /**
   * What was found of the i-th key. It stays readable after the pin is gone.
   *
   * @throws IllegalArgumentException if it is not a hit
   */
  Hit get(int i);

  /**
   * Why the i-th key could not be looked up, or null if it could: a failure to look is no hit, but
   * no absence either.
   */
  @Nullable L2Error error(int i);

  /** Lets go of the i-th key's pin. */
  void release(int i);

  /** When the lookup was answered. */
  Instant since();

  /** Lets go of every pin that is left. */
  @Override
  void close();
}

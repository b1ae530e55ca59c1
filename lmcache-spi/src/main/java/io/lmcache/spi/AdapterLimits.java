// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.Set;

/**
 * What an adapter can take; constant from open to close.
 *
 * @param maxObjectBytes the largest object; a key with a larger one is FAILED with {@link
 *     L2ErrorCode#TOO_LARGE}
 * @param maxKeysPerRequest the most keys of one request; more are refused at submit
 * @param maxKeyBytes the longest {@linkplain ObjectKey#toString() string form} in bytes of UTF-8; a
 *     longer key is FAILED with {@link L2ErrorCode#UNSUPPORTED_KEY}
 * @param memoryAlignment what buffer addresses should be multiples of, for the adapter to do its
 *     best; a power of two, 1 for no wish
 * @param lengthAlignment what {@link MemoryObject#physicalBytes()} should be a multiple of; a power
 *     of two, 1 for no wish
 * @param declined what the adapter does not do
 */
public record AdapterLimits(
    long maxObjectBytes,
    int maxKeysPerRequest,
    int maxKeyBytes,
    int memoryAlignment,
    int lengthAlignment,
    Set<Feature> declined) {

  /** The largest object that a {@link MemoryObject} can hold: 2 GiB - 1. */
  public static final long MAX_OBJECT_BYTES = Integer.MAX_VALUE;

  /** The usual {@link #maxKeysPerRequest}. */
  public static final int MAX_KEYS_PER_REQUEST = 65_536;

  /** No limit but those of the SPI itself. */
  public static final AdapterLimits DEFAULT =
      new AdapterLimits(
          MAX_OBJECT_BYTES, MAX_KEYS_PER_REQUEST, ObjectKey.MAX_CANONICAL_BYTES, 1, 1, Set.of());

  /** Copies. */
  public AdapterLimits {
    declined = Set.copyOf(declined);
  }

  /** The same, but declining these features and no others. */
  public AdapterLimits withDeclined(Set<Feature> features) {
    return new AdapterLimits(
        maxObjectBytes, maxKeysPerRequest, maxKeyBytes, memoryAlignment, lengthAlignment, features);
  }
}

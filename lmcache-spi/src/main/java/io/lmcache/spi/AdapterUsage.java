// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.Map;

/**
 * How full an adapter is, at one moment.
 *
 * @param storedBytes bytes of the published objects
 * @param storedObjects number of the published objects
 * @param inFlightBytes bytes of objects whose store was submitted and is not complete, whatever
 *     will become of it
 * @param capacityBytes the configured capacity; 0 for none
 * @param recovering whether objects of an earlier run are still being counted
 * @param bytesBySalt stored bytes per cache salt, positive entries only; the empty salt included
 */
public record AdapterUsage(
    long storedBytes,
    long storedObjects,
    long inFlightBytes,
    long capacityBytes,
    boolean recovering,
    Map<String, Long> bytesBySalt) {

  /** Copies. */
  public AdapterUsage {
    bytesBySalt = Map.copyOf(bytesBySalt);
  }

  /** Stored and in-flight bytes over capacity; -1 without a capacity. */
  public double fraction() {
    return capacityBytes <= 0 ? -1.0 : (double) (storedBytes + inFlightBytes) / capacityBytes;
  }
}

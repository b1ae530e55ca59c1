// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.ObjectKey;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts what an adapter holds: bytes and objects stored, bytes in flight, bytes per cache salt.
 *
 * <p>It does not know which keys are there; the adapter tells it once per change. Safe for use by
 * many threads: one short lock, so that a snapshot never shows half a change.
 */
public final class Accounting {

  private final long capacityBytes;
  private final Map<String, Long> bytesBySalt = new HashMap<>();
  private long storedBytes;
  private long storedObjects;
  private long inFlightBytes;

  /**
   * Starts at nothing.
   *
   * @param capacityBytes the capacity to report; 0 for none
   */
  public Accounting(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** A store of so many bytes was submitted. */
  public synchronized void reserve(long bytes) {
    inFlightBytes += bytes;
  }

  /** A store of so many bytes ended, well or badly. */
  public synchronized void unreserve(long bytes) {
    inFlightBytes -= bytes;
  }

  /** An object was published, or found. */
  public synchronized void added(ObjectKey key, long bytes) {
    storedBytes += bytes;
    storedObjects++;
    addToSalt(key, bytes);
  }

  /** An object that was {@linkplain #added added} is gone. */
  public synchronized void removed(ObjectKey key, long bytes) {
    storedBytes -= bytes;
    storedObjects--;
    addToSalt(key, -bytes);
  }

  /** An object took the place of another one; no snapshot shows neither, or both. */
  public synchronized void replaced(ObjectKey key, long oldBytes, long newBytes) {
    storedBytes += newBytes - oldBytes;
    addToSalt(key, newBytes - oldBytes);
  }

  private void addToSalt(ObjectKey key, long bytes) {
    bytesBySalt.compute(
        key.cacheSalt(),
        (salt, before) -> {
          long sum = (before == null ? 0 : before) + bytes;
          return sum == 0 ? null : Long.valueOf(sum);
        });
  }

  /** The usage now. */
  public synchronized AdapterUsage usage(boolean recovering) {
    Map<String, Long> positive = new HashMap<>(bytesBySalt);
    positive.values().removeIf(bytes -> bytes <= 0);
    return new AdapterUsage(
        storedBytes, storedObjects, inFlightBytes, capacityBytes, recovering, positive);
  }
}

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

  private final Capacity capacity;
  private final double watermark;
  private final Map<String, Long> bytesBySalt = new HashMap<>();
  private long storedBytes;
  private long storedObjects;
  private long inFlightBytes;

  /**
   * Starts at nothing.
   *
   * @param capacity the capacity to report
   * @param watermark the fraction of the capacity from which on there is too much
   */
  public Accounting(Capacity capacity, double watermark) {
    this.capacity = capacity;
    this.watermark = watermark;
  }

  /** A store of so many bytes was submitted. */
  public synchronized void reserve(long bytes) {
    inFlightBytes += bytes;
  }

  /** A store of so many bytes ended, well or badly. */
  public synchronized void unreserve(long bytes) {
    inFlightBytes -= bytes;
  }

  /** An object was stored. */
  public synchronized void added(ObjectKey key, long bytes) {
    changed(key, bytes, 1, true);
  }

  /** An object that was {@linkplain #added added} is removed. */
  public synchronized void removed(ObjectKey key, long bytes) {
    changed(key, -bytes, -1, true);
  }

  /**
   * There is so much more of a key, or less. An object that takes the place of another one is told
   * in one step, so that no snapshot shows neither, or both.
   *
   * @param ours whether this adapter changed it; else it became known only now
   */
  synchronized void changed(ObjectKey key, long bytes, int objects, boolean ours) {
    storedBytes += bytes;
    storedObjects += objects;
    addToSalt(key, bytes);
    if (ours) {
      capacity.changed(bytes);
    }
  }

  private void addToSalt(ObjectKey key, long bytes) {
    bytesBySalt.compute(
        key.cacheSalt(),
        (salt, before) -> {
          long sum = (before == null ? 0 : before) + bytes;
          return sum == 0 ? null : Long.valueOf(sum);
        });
  }

  /** Whether there is too much; never without a capacity. */
  public synchronized boolean overWatermark() {
    long bytes = capacity.bytes(storedBytes);
    return bytes > 0 && storedBytes + inFlightBytes >= watermark * bytes;
  }

  /** The usage now. */
  public synchronized AdapterUsage usage(boolean recovering) {
    Map<String, Long> positive = new HashMap<>(bytesBySalt);
    positive.values().removeIf(bytes -> bytes <= 0);
    return new AdapterUsage(
        storedBytes,
        storedObjects,
        inFlightBytes,
        capacity.bytes(storedBytes),
        recovering,
        positive);
  }
}

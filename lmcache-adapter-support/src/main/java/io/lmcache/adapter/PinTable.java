// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LeaseInfo;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pins of an adapter, and the leases that hold them.
 *
 * <p>A key is pinned as often as leases hold it. Pins are placed when a lease is made and taken
 * away when it lets go; a lease forgotten by its owner stays visible in {@link #leases()} with
 * owner and age. Safe for use by many threads; one short lock.
 */
public final class PinTable {

  private final Map<ObjectKey, Integer> pins = new HashMap<>();
  private final Set<Lease> open = new LinkedHashSet<>();

  /**
   * Makes the answer to a lookup and pins its hits.
   *
   * @param keys the keys that were asked for
   * @param hits one for each key; null for those that are no hits
   * @param errors one for each key; null for those that could be looked up
   * @param pin whether to pin
   * @param owner who asked
   * @param since when it was answered
   * @throws IllegalArgumentException if the lengths differ; then nothing is pinned
   */
  public LookupLease lease(
      List<ObjectKey> keys,
      @Nullable Hit[] hits,
      @Nullable L2Error[] errors,
      boolean pin,
      String owner,
      Instant since) {
    if (hits.length != keys.size() || errors.length != keys.size()) {
      throw new IllegalArgumentException(
          keys.size() + " keys, " + hits.length + " hits, " + errors.length + " errors");
    }
    Lease lease = new Lease(List.copyOf(keys), hits.clone(), errors.clone(), owner, since);
    synchronized (this) {
      for (int i = 0; pin && i < hits.length; i++) {
        if (hits[i] != null) {
          pins.merge(lease.keys.get(i), 1, Integer::sum);
          lease.pinned[i] = true;
          lease.pinnedKeys++;
        }
      }
      if (lease.pinnedKeys > 0) {
        open.add(lease);
      }
    }
    return lease;
  }

  /** Whether a lease holds the key. */
  public synchronized boolean isPinned(ObjectKey key) {
    return pins.containsKey(key);
  }

  /** How many keys are pinned. */
  public synchronized int pinnedKeys() {
    return pins.size();
  }

  /** The leases that hold pins, oldest first. */
  public synchronized List<LeaseInfo> leases() {
    List<LeaseInfo> infos = new ArrayList<>(open.size());
    for (Lease lease : open) {
      infos.add(new LeaseInfo(lease.owner, lease.since, lease.pinnedKeys));
    }
    return infos;
  }

  private synchronized void release(Lease lease, int i) {
    if (!lease.pinned[i]) {
      return;
    }
    lease.pinned[i] = false;
    pins.computeIfPresent(lease.keys.get(i), (key, n) -> n == 1 ? null : Integer.valueOf(n - 1));
    if (--lease.pinnedKeys == 0) {
      open.remove(lease);
    }
  }

  /** One lookup's answer; its pins are guarded by the table's lock. */
  private final class Lease implements LookupLease {

    private final List<ObjectKey> keys;
    private final @Nullable Hit[] hits;
    private final @Nullable L2Error[] errors;
    private final boolean[] pinned;
    private final String owner;
    private final Instant since;
    private int pinnedKeys;

    Lease(
        List<ObjectKey> keys,
        @Nullable Hit[] hits,
        @Nullable L2Error[] errors,
        String owner,
        Instant since) {
      this.keys = keys;
      this.hits = hits;
      this.errors = errors;
      this.pinned = new boolean[hits.length];
      this.owner = owner;
      this.since = since;
    }

    @Override
    public int size() {
      return hits.length;
    }

    @Override
    public boolean hit(int i) {
      return hits[i] != null;
    }

    @Override
    public Hit get(int i) {
      Hit hit = hits[i];
      if (hit == null) {
        throw new IllegalArgumentException("key " + i + " is no hit: " + keys.get(i));
      }
      return hit;
    }

    @Override
    public @Nullable L2Error error(int i) {
      return errors[i];
    }

    @Override
    public void release(int i) {
      PinTable.this.release(this, i);
    }

    @Override
    public Instant since() {
      return since;
    }

    @Override
    public void close() {
      for (int i = 0; i < hits.length; i++) {
        release(i);
      }
    }
  }
}

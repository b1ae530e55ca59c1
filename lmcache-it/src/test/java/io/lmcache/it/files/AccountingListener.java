// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Knows an adapter's objects from its events alone, as an eviction policy does. Safe for use by
 * many threads.
 */
final class AccountingListener implements L2AdapterListener {

  private static final int MOST_FAULTS = 20;

  private final Map<ObjectKey, Long> known = new HashMap<>();
  private final List<String> faults = new ArrayList<>();

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    add("stored", keys, sizes);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    add("recovered", keys, sizes);
  }

  private synchronized void add(String event, List<ObjectKey> keys, List<Long> sizes) {
    for (int i = 0; i < keys.size(); i++) {
      Long before = known.put(keys.get(i), sizes.get(i));
      if (before != null) {
        fault(event + ' ' + keys.get(i) + ' ' + sizes.get(i) + ", but it is there: " + before);
      }
    }
  }

  @Override
  public synchronized void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    for (int i = 0; i < keys.size(); i++) {
      Long before = known.remove(keys.get(i));
      if (!sizes.get(i).equals(before)) {
        fault("removed as " + reason + ' ' + keys.get(i) + ' ' + sizes.get(i) + ", not " + before);
      }
    }
  }

  private void fault(String what) {
    if (faults.size() < MOST_FAULTS) {
      faults.add(what);
    }
  }

  /** What is there, with its sizes. */
  synchronized Map<ObjectKey, Long> known() {
    return Map.copyOf(known);
  }

  /** Events that contradict those before. */
  synchronized List<String> faults() {
    return List.copyOf(faults);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes down what a listener hears, one line for each key. Safe for use by many threads. */
final class DamageEvents implements L2AdapterListener {

  private final List<String> heard = new ArrayList<>();

  static String line(String what, ObjectKey key, long bytes) {
    return what + ' ' + key + ' ' + bytes;
  }

  /** The line of a removal. */
  static String removed(RemovalReason reason, ObjectKey key, long bytes) {
    return line("removed as " + reason.name().toLowerCase(Locale.ROOT), key, bytes);
  }

  private synchronized void add(String what, List<ObjectKey> keys, List<Long> sizes) {
    for (int i = 0; i < keys.size(); i++) {
      heard.add(line(what, keys.get(i), sizes.get(i)));
    }
  }

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    add("stored", keys, sizes);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    add("recovered", keys, sizes);
  }

  @Override
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    add("removed as " + reason.name().toLowerCase(Locale.ROOT), keys, sizes);
  }

  /** What was heard so far; accesses are not written down. */
  synchronized List<String> heard() {
    return List.copyOf(heard);
  }
}

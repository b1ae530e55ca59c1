// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;

/** Operations on more keys than a request may have. */
final class Bulk {

  private Bulk() {}

  /** The keys in portions that a request may have. */
  static List<List<ObjectKey>> portions(AdapterUnderTest a, List<ObjectKey> keys) {
    int size = Math.min(64, a.limits().maxKeysPerRequest());
    List<List<ObjectKey>> portions = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += size) {
      portions.add(keys.subList(from, Math.min(from + size, keys.size())));
    }
    return portions;
  }

  /** Stores keys of one size, which must all be STORED. */
  static void mustStore(AdapterUnderTest a, List<ObjectKey> keys, int version, int size) {
    portions(a, keys).forEach(portion -> Ops.mustStore(a, portion, version, size));
  }

  /** Which of the keys a lookup finds; places no pin. */
  static List<Boolean> hits(AdapterUnderTest a, List<ObjectKey> keys) {
    List<Boolean> hits = new ArrayList<>();
    portions(a, keys).forEach(portion -> hits.addAll(Ops.hits(a, portion)));
    return hits;
  }
}

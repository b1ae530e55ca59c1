// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Extent;
import io.lmcache.spi.Hit;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What tests about sizes share. */
final class Sizes {

  private Sizes() {}

  /** Those that the adapter takes; at least one. */
  static List<Integer> within(AdapterUnderTest a, List<Integer> wanted) {
    List<Integer> sizes =
        wanted.stream().filter(size -> size <= a.limits().maxObjectBytes()).toList();
    assertThat(sizes).as("sizes of %s within the adapter's limits", wanted).isNotEmpty();
    return sizes;
  }

  /** The same size for each key, in their order. */
  static Map<ObjectKey, Integer> each(Collection<ObjectKey> keys, int size) {
    Map<ObjectKey, Integer> sizes = new LinkedHashMap<>();
    keys.forEach(key -> sizes.put(key, size));
    return sizes;
  }

  /** Fails unless a lookup finds the key with the size, or with a bound that says it is one. */
  static void assertLookup(AdapterUnderTest a, String rule, ObjectKey key, long size) {
    try (LookupLease lease = Ops.lookup(a, List.of(key), Extent.ALL, false)) {
      assertThat(lease.hit(0)).as("%s: lookup of %s, %d bytes", rule, key, size).isTrue();
      Hit hit = lease.get(0);
      if (hit.sizeExact()) {
        assertThat(hit.sizeBytes())
            .as("%s: exact size of %s by a lookup", rule, key)
            .isEqualTo(size);
      } else {
        assertThat(hit.sizeBytes())
            .as("%s: upper bound of the size of %s by a lookup", rule, key)
            .isGreaterThanOrEqualTo(size);
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.ObjectKey;
import java.util.List;

/**
 * The keys of a drill that ends instances amid their work. Each version of an object has one of a
 * few sizes.
 *
 * @param busy how many keys the writers store, replace and delete
 * @param quiet how many more there are that nobody touches
 * @param sizes what the busy ones may have
 */
record LossKeys(int busy, int quiet, List<Integer> sizes) {

  int count() {
    return busy + quiet;
  }

  static ObjectKey key(int n) {
    return Content.key("org/loss", n);
  }

  int size(int n, int version) {
    if (n >= busy) {
      return 1 + n % 64;
    }
    return sizes.get(Math.floorMod(n * 31 + version * 17 + version / 8, sizes.size()));
  }
}

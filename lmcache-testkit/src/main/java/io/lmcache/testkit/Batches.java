// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Keys for requests of several lengths: one key, two, some, and more than an adapter has workers.
 * Limits of the adapter that are smaller make them smaller.
 */
final class Batches {

  private static final int APART = 10_000;

  private Batches() {}

  /** Lists of keys to make one request of each; no key is in two of them. */
  static List<List<ObjectKey>> of(AdapterUnderTest a) {
    return of(a, 0);
  }

  /** The same with other keys for each series. */
  static List<List<ObjectKey>> of(AdapterUnderTest a, int series) {
    List<Integer> counts = Stream.of(1, 2, 17, 300).map(n -> count(a, n)).distinct().toList();
    return IntStream.range(0, counts.size())
        .mapToObj(i -> a.keys((series * 10 + i) * APART, counts.get(i)))
        .toList();
  }

  /** So many keys, or as many as a request may have. */
  static int count(AdapterUnderTest a, int wanted) {
    return Math.min(wanted, a.limits().maxKeysPerRequest());
  }

  /** So many bytes, or as many as an object may have. */
  static int bytes(AdapterUnderTest a, int wanted) {
    return (int) Math.min(wanted, a.limits().maxObjectBytes());
  }

  /** Every second key, from the first or the second on. */
  static List<ObjectKey> everySecond(List<ObjectKey> keys, int from) {
    return IntStream.range(0, keys.size()).filter(i -> i % 2 == from).mapToObj(keys::get).toList();
  }

  /** The keys in another order. */
  static List<ObjectKey> shuffled(List<ObjectKey> keys, Random random) {
    List<ObjectKey> other = new ArrayList<>(keys);
    Collections.shuffle(other, random);
    return other;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.util.Arrays;
import java.util.List;

/**
 * Some measured values in ascending order.
 *
 * @param sorted at least one
 */
record Sample(List<Double> sorted) {

  Sample {
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    sorted = sorted.stream().sorted().toList();
  }

  static Sample of(double... values) {
    return new Sample(Arrays.stream(values).boxed().toList());
  }

  double min() {
    return sorted.get(0);
  }

  /** The middle one; the mean of the two in the middle where there is none. */
  double median() {
    int n = sorted.size();
    return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }

  double max() {
    return sorted.get(sorted.size() - 1);
  }

  /** The smallest value that at least this part of all values does not exceed. */
  double quantile(double part) {
    int rank = (int) Math.ceil(part * sorted.size());
    return sorted.get(Math.max(0, rank - 1));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How long submits took, one sample each. Percentiles are by nearest rank: values that occurred.
 */
final class Latencies {

  /** Below this many samples a 99th percentile would only be another name for the largest. */
  static final int SAMPLES_FOR_P99 = 100;

  private static final double NANOS_PER_MILLI = 1e6;

  private final long[] sorted;

  /** From samples in nanoseconds. */
  Latencies(long[] nanos) {
    sorted = nanos.clone();
    Arrays.sort(sorted);
  }

  int samples() {
    return sorted.length;
  }

  OptionalDouble p50Millis() {
    return percentile(50, 1);
  }

  OptionalDouble p99Millis() {
    return percentile(99, SAMPLES_FOR_P99);
  }

  OptionalDouble maxMillis() {
    return percentile(100, 1);
  }

  private OptionalDouble percentile(int percent, int samplesNeeded) {
    if (sorted.length < samplesNeeded) {
      return OptionalDouble.empty();
    }
    int rank = (int) (((long) sorted.length * percent + 99) / 100);
    return OptionalDouble.of(sorted[rank - 1] / NANOS_PER_MILLI);
  }
}

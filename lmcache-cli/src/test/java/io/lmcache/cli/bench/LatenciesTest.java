// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class LatenciesTest {

  /** Samples of 1 to n milliseconds, the largest first. */
  private static Latencies upTo(int n) {
    return new Latencies(LongStream.rangeClosed(1, n).map(i -> (n + 1 - i) * 1_000_000).toArray());
  }

  @Test
  void percentilesAreByNearestRank() {
    assertThat(upTo(100).p50Millis()).hasValue(50);
    assertThat(upTo(100).p99Millis()).hasValue(99);
    assertThat(upTo(101).p50Millis()).hasValue(51);
    assertThat(upTo(101).p99Millis()).hasValue(100);
    assertThat(upTo(160).p99Millis()).hasValue(159);
    assertThat(upTo(1000).p99Millis()).hasValue(990);
    assertThat(upTo(1000).maxMillis()).hasValue(1000);
  }

  @Test
  void oneSampleIsItsOwnMedian() {
    assertThat(upTo(1).p50Millis()).hasValue(1);
    assertThat(upTo(1).maxMillis()).hasValue(1);
    assertThat(upTo(2).p50Millis()).hasValue(1);
  }

  @Test
  void fewSamplesHaveNo99thPercentile() {
    assertThat(upTo(99).p99Millis()).isEmpty();
  }

  @Test
  void noSamplesHaveNothing() {
    assertThat(upTo(0).p50Millis()).isEmpty();
    assertThat(upTo(0).maxMillis()).isEmpty();
    assertThat(upTo(0).samples()).isZero();
  }
}

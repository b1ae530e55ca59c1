// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.List;

/**
 * What an operation's measured rounds came to.
 *
 * @param kind the operation
 * @param keys how many keys it was tried on
 * @param ok how many of them went as they should
 * @param okInWarmup how many keys of the warm-up rounds before went as they should
 * @param bytes the bytes moved for the measured ones
 * @param rounds round by round
 * @param latencies of every submit
 */
record PhaseResult(
    OperationKind kind,
    long keys,
    long ok,
    long okInWarmup,
    long bytes,
    List<Round> rounds,
    Latencies latencies) {

  private static final double NANOS_PER_SECOND = 1e9;

  /** One round. */
  record Round(long nanos, int ok) {
    double seconds() {
      return nanos / NANOS_PER_SECOND;
    }
  }

  /** All keys that went as they should, measured or not. */
  long okInAll() {
    return ok + okInWarmup;
  }

  long failed() {
    return keys - ok;
  }

  double seconds() {
    return rounds.stream().mapToLong(Round::nanos).sum() / NANOS_PER_SECOND;
  }

  double bytesPerSecond() {
    return rate(bytes);
  }

  double okPerSecond() {
    return rate(ok);
  }

  private double rate(long amount) {
    double seconds = seconds();
    return seconds > 0 ? amount / seconds : 0;
  }
}

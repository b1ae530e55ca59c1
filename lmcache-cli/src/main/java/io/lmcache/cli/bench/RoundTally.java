// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.ObjectKey;
import org.jspecify.annotations.Nullable;

/** Counts the keys of one round: each is judged once, as good or as a failure. For one thread. */
final class RoundTally {

  private final String operation;
  private final RoundId round;
  private final Failures failures;
  private int ok;
  private int failed;
  private long bytes;

  RoundTally(String operation, RoundId round, Failures failures) {
    this.operation = operation;
    this.round = round;
    this.failures = failures;
  }

  RoundId round() {
    return round;
  }

  void good(long movedBytes) {
    ok++;
    bytes += movedBytes;
  }

  void bad(Enum<?> outcome, ObjectKey key, @Nullable L2Error error) {
    failed++;
    failures.add(operation, round.warmup(), outcome, key, error);
  }

  void bad(String outcome, ObjectKey key, String text) {
    failed++;
    failures.add(operation, round.warmup(), outcome, key, text);
  }

  int ok() {
    return ok;
  }

  int failed() {
    return failed;
  }

  int judged() {
    return ok + failed;
  }

  long bytes() {
    return bytes;
  }
}

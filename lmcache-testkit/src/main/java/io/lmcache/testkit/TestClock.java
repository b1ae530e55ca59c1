// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that runs as fast as the system's and is many years behind it, so that an adapter that
 * asks another clock is found out. Safe for use by many threads.
 */
public final class TestClock extends Clock {

  private static final Instant BEGIN = Instant.parse("2001-02-03T04:05:06Z");

  private final long startNanos = System.nanoTime();

  TestClock() {}

  @Override
  public Instant instant() {
    return BEGIN.plusNanos(System.nanoTime() - startNanos);
  }

  /** A moment so far from now. */
  public Instant in(Duration duration) {
    return instant().plus(duration);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}

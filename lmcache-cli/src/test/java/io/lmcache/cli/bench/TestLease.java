// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.Retry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers by sizes; a negative one is no hit. Pins nothing. */
record TestLease(List<Long> sizes) implements LookupLease {

  static final long MISS = -1;
  static final long ERROR = -2;

  private record Found(long sizeBytes, boolean sizeExact) implements Hit {}

  @Override
  public int size() {
    return sizes.size();
  }

  @Override
  public boolean hit(int i) {
    return sizes.get(i) >= 0;
  }

  @Override
  public Hit get(int i) {
    return new Found(sizes.get(i), true);
  }

  @Override
  public @Nullable L2Error error(int i) {
    return sizes.get(i) == ERROR
        ? new L2Error(L2ErrorCode.IO, Retry.LATER, "EIO", "stat /x: input/output error")
        : null;
  }

  @Override
  public void release(int i) {}

  @Override
  public Instant since() {
    return Instant.EPOCH;
  }

  @Override
  public void close() {}
}

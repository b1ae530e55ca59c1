// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LookupLease;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Passes everything on. */
class ForwardingLease implements LookupLease {

  protected final LookupLease sound;

  ForwardingLease(LookupLease sound) {
    this.sound = sound;
  }

  @Override
  public int size() {
    return sound.size();
  }

  @Override
  public boolean hit(int i) {
    return sound.hit(i);
  }

  @Override
  public Hit get(int i) {
    return sound.get(i);
  }

  @Override
  public @Nullable L2Error error(int i) {
    return sound.error(i);
  }

  @Override
  public void release(int i) {
    sound.release(i);
  }

  @Override
  public Instant since() {
    return sound.since();
  }

  @Override
  public void close() {
    sound.close();
  }
}

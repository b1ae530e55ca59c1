// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks the storage whether a key is there, and puts the index right. A scan makes it of one that
 * was being changed when it met it, so it has to wait its turn behind every store and delete of the
 * key, and keep others out: then the answer is the last word.
 */
final class CheckTask extends Request<Integer> {

  private final Sightings sightings;
  private final AtomicInteger failed = new AtomicInteger();

  CheckTask(ObjectKey key, ObjectIndex index, KeyGate<?> gate) {
    super(Operation.LOOKUP, KeyGate.Mode.DELETE, List.of(key), Options.DEFAULT);
    this.sightings = new Sightings(index, gate, this);
  }

  @Override
  boolean isAsked() {
    return false;
  }

  @Override
  void ended(int i, Outcome outcome, long bytes) {
    if (outcome == Outcome.FOUND) {
      sightings.presentInItsTurn(i, bytes);
    } else {
      sightings.absentInItsTurn(i);
    }
  }

  @Override
  void failed(int i, L2Error error) {
    failed.incrementAndGet();
  }

  /** How many keys could not be asked about. */
  @Override
  Integer result() {
    return failed.get();
  }
}

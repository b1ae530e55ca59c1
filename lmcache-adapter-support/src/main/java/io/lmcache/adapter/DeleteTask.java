// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;

/** A delete on its way. While it holds a key's gate no lookup can pin the key. */
final class DeleteTask extends Request<DeleteResult> {

  private final KnownObjects known;
  private final PinTable pins;
  private final Sightings sightings;
  private final ResultSlots<DeleteOutcome> results;

  DeleteTask(DeleteRequest request, KnownObjects known, KeyGate<?> gate, PinTable pins) {
    super(Operation.DELETE, KeyGate.Mode.DELETE, request.keys(), request.options());
    this.known = known;
    this.pins = pins;
    this.sightings = new Sightings(known, gate, this);
    this.results = new ResultSlots<>(request.keys().size());
  }

  @Override
  Feature feature() {
    return Feature.DELETE;
  }

  @Override
  boolean endsEarly(int i) {
    if (pins.isPinned(key(i))) {
      results.set(i, KeyResult.of(DeleteOutcome.PINNED));
      return true;
    }
    sightings.before(i);
    return false;
  }

  @Override
  void ended(int i, Outcome outcome, long bytes) {
    if (outcome == Outcome.DELETED) {
      KnownObjects.Known before = known.remove(key(i));
      if (before != null) {
        events().deleted(key(i), before.sizeBytes());
      }
      results.set(i, KeyResult.of(DeleteOutcome.DELETED));
    } else {
      sightings.absentInItsTurn(i);
      results.set(i, KeyResult.of(DeleteOutcome.ABSENT));
    }
  }

  @Override
  void failed(int i, L2Error error) {
    results.set(i, KeyResult.of(DeleteOutcome.FAILED, error));
  }

  @Override
  DeleteResult result() {
    return new DeleteResult(results.all());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A delete on its way. While it holds a key's gate no lookup can pin the key. */
final class DeleteTask extends Request<DeleteResult> {

  private final ObjectIndex index;
  private final PinTable pins;
  private final Sightings sightings;
  private final AtomicReferenceArray<ObjectIndex.Entry> marked;
  private final ResultSlots<DeleteOutcome> results;

  DeleteTask(DeleteRequest request, ObjectIndex index, KeyGate<?> gate, PinTable pins) {
    super(Operation.DELETE, KeyGate.Mode.DELETE, request.keys(), request.options());
    this.index = index;
    this.pins = pins;
    this.sightings = new Sightings(index, gate, this);
    this.marked = new AtomicReferenceArray<>(request.keys().size());
    this.results = new ResultSlots<>(request.keys().size());
  }

  @Override
  Feature feature() {
    return Feature.DELETE;
  }

  @Override
  boolean endsEarly(int i) {
    // First no hit any more, then the question: a lookup pins first and asks then.
    marked.set(i, index.deleting(key(i)));
    if (pins.isPinned(key(i))) {
      index.spared(key(i), marked.get(i));
      results.set(i, KeyResult.of(DeleteOutcome.PINNED));
      return true;
    }
    return false;
  }

  @Override
  void ended(int i, Outcome outcome, long bytes) {
    if (outcome == Outcome.DELETED) {
      ObjectIndex.Entry before = index.remove(key(i));
      if (before != null) {
        events().deleted(key(i), before);
      }
      results.set(i, KeyResult.of(DeleteOutcome.DELETED));
    } else {
      sightings.absentInItsTurn(i);
      results.set(i, KeyResult.of(DeleteOutcome.ABSENT));
    }
  }

  @Override
  void failed(int i, L2Error error) {
    index.spared(key(i), marked.get(i));
    results.set(i, KeyResult.of(DeleteOutcome.FAILED, error));
  }

  @Override
  DeleteResult result() {
    return new DeleteResult(results.all());
  }
}

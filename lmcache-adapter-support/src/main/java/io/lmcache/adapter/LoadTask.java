// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;

/** A load on its way. It needs no gate: the storage gives it an object that was there, whole. */
final class LoadTask extends Request<LoadResult> {

  private final Recovery recovery;
  private final Sightings sightings;

  /** Keys whose end may be misunderstood; filled under the flow's lock on effects. */
  private final List<ObjectKey> doubtful = new ArrayList<>(0);

  private final List<MemoryObject> objects;
  private final ResultSlots<LoadOutcome> results;

  LoadTask(LoadRequest request, ObjectIndex index, KeyGate<?> gate, Recovery recovery) {
    super(
        Operation.LOAD,
        null,
        request.items().stream().map(LoadItem::key).toList(),
        request.options());
    this.recovery = recovery;
    this.sightings = new Sightings(index, gate, this);
    this.objects = request.items().stream().map(LoadItem::object).toList();
    this.results = new ResultSlots<>(objects.size());
  }

  @Override
  List<MemoryObject> objects() {
    return objects;
  }

  @Override
  boolean endsEarly(int i) {
    sightings.before(i);
    return false;
  }

  @Override
  void ended(int i, Outcome outcome, long bytes) {
    ObjectKey key = key(i);
    switch (outcome) {
      case LOADED -> {
        if (sightings.loaded(i, objects.get(i).sizeBytes())) {
          doubtful.add(key);
        }
        events().accessed(key);
        results.set(i, KeyResult.of(LoadOutcome.LOADED));
      }
      case SIZE_MISMATCH -> {
        if (sightings.mismatched(i, objects.get(i).sizeBytes())) {
          doubtful.add(key);
        }
        results.set(i, KeyResult.of(LoadOutcome.SIZE_MISMATCH));
      }
      case CORRUPT -> {
        if (sightings.corrupt(i)) {
          doubtful.add(key);
        }
        results.set(i, KeyResult.of(LoadOutcome.CORRUPT));
      }
      default -> {
        if (sightings.absent(i)) {
          doubtful.add(key);
        }
        results.set(i, KeyResult.of(LoadOutcome.NOT_FOUND));
      }
    }
  }

  @Override
  void failed(int i, L2Error error) {
    results.set(i, KeyResult.of(LoadOutcome.FAILED, error));
  }

  @Override
  void settled() {
    recovery.ask(doubtful);
  }

  @Override
  LoadResult result() {
    return new LoadResult(results.all());
  }
}

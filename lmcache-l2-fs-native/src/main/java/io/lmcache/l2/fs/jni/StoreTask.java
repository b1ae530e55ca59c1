// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.KeyGate;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.List;

/** A store on its way. */
final class StoreTask extends Request<StoreResult> {

  private final KnownObjects known;
  private final boolean replace;
  private final List<MemoryObject> objects;
  private final ResultSlots<StoreOutcome> results;

  StoreTask(StoreRequest request, KnownObjects known) {
    super(
        NativeOperation.SET,
        KeyGate.Mode.STORE,
        request.items().stream().map(StoreItem::key).toList(),
        request.options());
    this.known = known;
    this.replace = request.mode() == StoreMode.REPLACE;
    this.objects = request.items().stream().map(StoreItem::object).toList();
    this.results = new ResultSlots<>(objects.size());
  }

  @Override
  boolean replace() {
    return replace;
  }

  @Override
  List<MemoryObject> objects() {
    return objects;
  }

  @Override
  long inFlightBytes() {
    long bytes = 0;
    for (MemoryObject object : objects) {
      bytes += object.sizeBytes();
    }
    return bytes;
  }

  @Override
  void ended(int i, NativeOutcome outcome, long bytes) {
    ObjectKey key = key(i);
    long size = objects.get(i).sizeBytes();
    if (outcome == NativeOutcome.STORED) {
      KnownObjects.Known before = known.put(key, size);
      if (before != null) {
        events().replaced(key, before.sizeBytes());
      }
      events().stored(key, size);
      results.set(i, KeyResult.of(StoreOutcome.STORED));
    } else {
      KnownObjects.Known before = known.get(key);
      if (before == null || before.sizeBytes() != size) {
        // Somebody else put it there.
        known.put(key, size);
        if (before != null) {
          events().replaced(key, before.sizeBytes());
        }
        events().recovered(key, size);
      }
      results.set(i, KeyResult.of(StoreOutcome.ALREADY_PRESENT));
    }
  }

  @Override
  void failed(int i, L2Error error) {
    results.set(i, KeyResult.of(StoreOutcome.FAILED, error));
  }

  @Override
  StoreResult result() {
    return new StoreResult(results.all());
  }
}

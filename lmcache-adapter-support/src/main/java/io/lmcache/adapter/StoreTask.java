// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A store on its way. */
final class StoreTask extends Request<StoreResult> {

  private final ObjectIndex index;
  private final Recovery recovery;
  private final Queue<ObjectKey> doubtful = new ConcurrentLinkedQueue<>();
  private final boolean replace;
  private final List<MemoryObject> objects;
  private final long bytes;
  private final ResultSlots<StoreOutcome> results;

  StoreTask(StoreRequest request, ObjectIndex index, Recovery recovery) {
    super(
        Operation.STORE,
        KeyGate.Mode.STORE,
        request.items().stream().map(StoreItem::key).toList(),
        request.options());
    this.index = index;
    this.recovery = recovery;
    this.replace = Objects.requireNonNull(request.mode(), "mode") == StoreMode.REPLACE;
    this.objects = request.items().stream().map(StoreItem::object).toList();
    // Here, where a missing object is still the caller's exception and no half-begun request.
    this.bytes = objects.stream().mapToLong(MemoryObject::sizeBytes).sum();
    this.results = new ResultSlots<>(objects.size());
  }

  @Override
  @Nullable Feature feature() {
    return replace ? Feature.REPLACE : null;
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
    return bytes;
  }

  @Override
  void ended(int i, Outcome outcome, long foundBytes) {
    ObjectKey key = key(i);
    long size = objects.get(i).sizeBytes();
    if (outcome == Outcome.STORED) {
      ObjectIndex.Entry before = index.put(key, size);
      if (before != null) {
        events().replaced(key, before);
      }
      events().stored(key, size);
      results.set(i, KeyResult.of(StoreOutcome.STORED));
    } else {
      ObjectIndex.Entry before = index.get(key);
      if (before == null || before.sizeBytes() != size) {
        // Somebody else put it there.
        index.found(key, size);
        if (before != null) {
          events().replaced(key, before);
        }
        events().recovered(key, size);
      }
      results.set(i, KeyResult.of(StoreOutcome.ALREADY_PRESENT));
    }
  }

  @Override
  void failed(int i, L2Error error) {
    if (error.code() != L2ErrorCode.CLOSED
        && error.code() != L2ErrorCode.DEADLINE
        && index.get(key(i)) != null) {
      doubtful.add(key(i));
    }
    results.set(i, KeyResult.of(StoreOutcome.FAILED, error));
  }

  /** What a store was to replace should still be there after it failed; the storage is asked. */
  @Override
  void settled() {
    recovery.ask(List.copyOf(doubtful));
  }

  @Override
  StoreResult result() {
    return new StoreResult(results.all());
  }
}

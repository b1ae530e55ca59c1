// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The storage of {@code memory}: objects on the heap, gone when the adapter closes. It is the
 * reference of the contract, correct before fast.
 *
 * <p>The map is sorted by the keys' canonical form, which is what cursors are. An array is never
 * changed once it is in the map, so readers need no lock.
 */
final class MemoryStorage implements BlockingStorage {

  private final ConcurrentNavigableMap<ObjectKey, byte[]> objects =
      new ConcurrentSkipListMap<>(Comparator.comparing(ObjectKey::toString));

  @Override
  public AdapterLimits limits() {
    return AdapterLimits.DEFAULT.withDeclined(Set.of(Feature.PERSISTENCE));
  }

  @Override
  public void put(ObjectKey key, MemoryObject object) throws StorageException {
    try {
      byte[] bytes = new byte[object.sizeBytes()];
      object.buffer().get(bytes);
      objects.put(key, bytes);
    } catch (OutOfMemoryError e) {
      String text = "put " + key + ": the heap has no room for " + object.sizeBytes() + " bytes";
      throw new StorageException(L2Error.of(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, text));
    }
  }

  @Override
  public LoadOutcome get(ObjectKey key, MemoryObject object) {
    byte[] bytes = objects.get(key);
    if (bytes == null) {
      return LoadOutcome.NOT_FOUND;
    }
    if (bytes.length != object.sizeBytes()) {
      return LoadOutcome.SIZE_MISMATCH;
    }
    object.buffer().put(bytes);
    return LoadOutcome.LOADED;
  }

  @Override
  public OptionalLong stat(ObjectKey key) {
    byte[] bytes = objects.get(key);
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
  }

  @Override
  public boolean remove(ObjectKey key) {
    return objects.remove(key) != null;
  }

  @Override
  public KeyPage page(ListRequest request) {
    List<KeyEntry> entries = new ArrayList<>();
    String after = request.cursor();
    var rest = after == null ? objects : objects.tailMap(ObjectKey.parse(after), false);
    for (Map.Entry<ObjectKey, byte[]> object : rest.entrySet()) {
      if (entries.size() == request.pageSize()) {
        return new KeyPage(entries, entries.get(entries.size() - 1).key().toString(), null);
      }
      if (request.modelName() == null || request.modelName().equals(object.getKey().modelName())) {
        entries.add(new KeyEntry(object.getKey(), object.getValue().length));
      }
    }
    return new KeyPage(entries, null, null);
  }

  @Override
  public void checkCursor(String cursor) {
    ObjectKey.parse(cursor);
  }

  @Override
  public void close() {
    objects.clear();
  }
}

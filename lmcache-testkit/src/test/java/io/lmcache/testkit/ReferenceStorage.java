// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The storage of the reference adapter that mutants are made from: that of {@code memory}, but with
 * limits that a test can reach, and kept for the next adapter on the same directory.
 */
public final class ReferenceStorage implements BlockingStorage {

  /** Limits small enough to be exceeded. */
  public static final AdapterLimits LIMITS =
      new AdapterLimits(32 << 20, 5_000, 300, 1, 1, Set.of());

  private static final Map<Path, MemoryStorage> STORAGES = new ConcurrentHashMap<>();

  private final MemoryStorage storage;
  private final Set<Feature> declined;

  private ReferenceStorage(MemoryStorage storage, Set<Feature> declined) {
    this.storage = storage;
    this.declined = declined;
  }

  /** The storage of a directory. */
  public static ReferenceStorage in(Path directory, Set<Feature> declined) {
    return new ReferenceStorage(
        STORAGES.computeIfAbsent(directory, d -> new MemoryStorage()), declined);
  }

  /** Forgets all of them, once a run is over. */
  public static void forgetAll() {
    STORAGES.clear();
  }

  @Override
  public AdapterLimits limits() {
    return LIMITS.withDeclined(declined);
  }

  @Override
  public void put(ObjectKey key, MemoryObject object) throws IOException {
    storage.put(key, object);
  }

  @Override
  public LoadOutcome get(ObjectKey key, MemoryObject object) {
    return storage.get(key, object);
  }

  @Override
  public OptionalLong stat(ObjectKey key) {
    return storage.stat(key);
  }

  @Override
  public boolean remove(ObjectKey key) {
    return storage.remove(key);
  }

  @Override
  public KeyPage page(ListRequest request) {
    return storage.page(request);
  }

  @Override
  public void checkCursor(String cursor) {
    storage.checkCursor(cursor);
  }

  @Override
  public void close() {}
}

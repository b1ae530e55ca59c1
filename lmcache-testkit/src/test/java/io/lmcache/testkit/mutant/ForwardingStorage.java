// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageException;
import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Passes everything on. */
class ForwardingStorage implements BlockingStorage {

  protected final BlockingStorage sound;

  ForwardingStorage(BlockingStorage sound) {
    this.sound = sound;
  }

  @Override
  public AdapterLimits limits() {
    return sound.limits();
  }

  @Override
  public void requireSupported(ObjectKey key) throws StorageException {
    sound.requireSupported(key);
  }

  @Override
  public void put(ObjectKey key, MemoryObject object) throws IOException {
    sound.put(key, object);
  }

  @Override
  public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
    return sound.get(key, object);
  }

  @Override
  public OptionalLong stat(ObjectKey key) throws IOException {
    return sound.stat(key);
  }

  @Override
  public boolean remove(ObjectKey key) throws IOException {
    return sound.remove(key);
  }

  @Override
  public KeyPage page(ListRequest request) throws IOException {
    return sound.page(request);
  }

  @Override
  public void checkCursor(String cursor) {
    sound.checkCursor(cursor);
  }

  @Override
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    sound.forEach(visitor);
  }

  @Override
  public Map<String, String> details() {
    return sound.details();
  }

  @Override
  public void close() throws IOException {
    sound.close();
  }
}

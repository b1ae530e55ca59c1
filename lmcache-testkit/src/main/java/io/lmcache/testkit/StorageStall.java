// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Holds storages that are built for {@code BlockingL2Adapter}: their calls wait, on the adapter's
 * worker, before they reach the storage. Safe for use by many threads; who is held waits without a
 * time limit for {@link #release}, which every test ends with.
 */
final class StorageStall implements Stall {

  private boolean used;
  private boolean holding;
  private int held;

  @Override
  public synchronized void hold() {
    holding = true;
  }

  @Override
  public synchronized int held() {
    return held;
  }

  @Override
  public synchronized void release() {
    holding = false;
    notifyAll();
  }

  private synchronized void pass() throws InterruptedIOException {
    held++;
    try {
      while (holding) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("a worker was interrupted: " + e);
    } finally {
      held--;
    }
  }

  /** Whether there is a storage to hold. */
  synchronized boolean isUsed() {
    return used;
  }

  /** A storage that can be held. */
  synchronized BlockingStorage around(BlockingStorage storage) {
    used = true;
    return new Held(storage);
  }

  private final class Held implements BlockingStorage {

    private final BlockingStorage storage;

    Held(BlockingStorage storage) {
      this.storage = storage;
    }

    @Override
    public AdapterLimits limits() {
      return storage.limits();
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) throws IOException {
      pass();
      storage.put(key, object);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      pass();
      return storage.get(key, object);
    }

    @Override
    public OptionalLong stat(ObjectKey key) throws IOException {
      pass();
      return storage.stat(key);
    }

    @Override
    public boolean remove(ObjectKey key) throws IOException {
      pass();
      return storage.remove(key);
    }

    @Override
    public KeyPage page(ListRequest request) throws IOException {
      return storage.page(request);
    }

    @Override
    public void checkCursor(String cursor) {
      storage.checkCursor(cursor);
    }

    @Override
    public void forEach(Consumer<StoredObject> visitor) throws IOException {
      storage.forEach(visitor);
    }

    @Override
    public Map<String, String> details() {
      return storage.details();
    }

    @Override
    public void close() throws IOException {
      storage.close();
    }
  }
}

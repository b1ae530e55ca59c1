// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.Condition;
import io.lmcache.adapter.StorageException;
import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Holds storages that are built for {@code BlockingL2Adapter}: their calls wait, on the adapter's
 * worker, before they reach the storage, or fail there. Safe for use by many threads; who is held
 * waits without a time limit for {@link #release}, which every test ends with.
 */
final class StorageStall implements Stall {

  /** Every third failure is an {@code Error}: a storage that has a defect fails its key only. */
  private static final int ERROR_EVERY = 3;

  private final Map<Call, Integer> failing = new EnumMap<>(Call.class);
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
    failing.clear();
    notifyAll();
  }

  @Override
  public synchronized boolean failNext(Call call, int operations) {
    failing.put(call, operations);
    return used;
  }

  private synchronized void pass(Call call) throws IOException {
    pass();
    int left = failing.getOrDefault(call, 0);
    if (left > 0) {
      failing.put(call, left - 1);
      String planned = "a failure that was planned, " + (left - 1) + " more to come";
      if (left % ERROR_EVERY == 0) {
        throw new AssertionError(planned);
      }
      throw new IOException(planned);
    }
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
      pass(Call.STORE);
      storage.put(key, object);
    }

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
      pass(Call.LOAD);
      return storage.get(key, object);
    }

    @Override
    public OptionalLong stat(ObjectKey key) throws IOException {
      pass(Call.LOOKUP);
      return storage.stat(key);
    }

    @Override
    public boolean holds(ObjectKey key, MemoryObject object) throws IOException {
      pass();
      return storage.holds(key, object);
    }

    @Override
    public void requireSupported(ObjectKey key) throws StorageException {
      storage.requireSupported(key);
    }

    @Override
    public boolean exclusive() {
      return storage.exclusive();
    }

    @Override
    public Condition condition() {
      return storage.condition();
    }

    @Override
    public boolean remove(ObjectKey key) throws IOException {
      pass(Call.DELETE);
      return storage.remove(key);
    }

    @Override
    public KeyPage page(ListRequest request) throws IOException {
      pass();
      return storage.page(request);
    }

    @Override
    public void checkCursor(String cursor) {
      storage.checkCursor(cursor);
    }

    // Runs while the adapter opens or recovers, which no rule holds up.
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

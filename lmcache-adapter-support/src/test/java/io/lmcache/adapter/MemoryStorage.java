// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Objects on the heap; a test may hold its calls, let them fail and see which there were. */
final class MemoryStorage implements BlockingStorage {

  /** What to do at the beginning of a call. */
  interface Trap {
    void spring() throws IOException;
  }

  /** What to do when a walk has read of an object and not passed it on yet. */
  interface Step {
    void met(StoredObject object) throws IOException;
  }

  static Trap failing(IOException failure) {
    return () -> {
      throw failure;
    };
  }

  static Trap failing(RuntimeException failure) {
    return () -> {
      throw failure;
    };
  }

  static Trap failing(Error failure) {
    return () -> {
      throw failure;
    };
  }

  final Map<ObjectKey, byte[]> objects = new ConcurrentHashMap<>();
  final Set<ObjectKey> damaged = ConcurrentHashMap.newKeySet();
  final Map<ObjectKey, Trap> traps = new ConcurrentHashMap<>();
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final AtomicInteger closed = new AtomicInteger();
  final AtomicInteger walks = new AtomicInteger();
  final AtomicInteger walkers = new AtomicInteger();
  final Map<ObjectKey, Instant> lastModified = new ConcurrentHashMap<>();
  private final Semaphore held = new Semaphore(0);
  private final AdapterLimits limits;

  /** Whether a larger object may be the padded form of the wanted one. */
  volatile boolean padded;

  /** The thread that closed it last. */
  volatile @Nullable Thread closer;

  /** A key that it fails to name. */
  volatile @Nullable ObjectKey unnamed;

  volatile @Nullable Trap walkTrap;
  volatile @Nullable Step walkStep;

  /** Whether nobody else changes it; before it is opened. */
  boolean exclusive;

  private volatile @Nullable CountDownLatch hold;

  MemoryStorage() {
    this(AdapterLimits.DEFAULT);
  }

  MemoryStorage(AdapterLimits limits) {
    this.limits = limits;
  }

  /** One that nobody else changes. */
  static MemoryStorage exclusively() {
    MemoryStorage storage = new MemoryStorage();
    storage.exclusive = true;
    return storage;
  }

  @Override
  public void requireSupported(ObjectKey key) {
    ObjectKey none = unnamed;
    if (none != null && none.equals(key)) {
      throw new IllegalStateException("planned: it has no name");
    }
  }

  @Override
  public boolean exclusive() {
    return exclusive;
  }

  /** Calls for a key wait from now on, until the latch is counted down. */
  CountDownLatch hold() {
    CountDownLatch latch = new CountDownLatch(1);
    hold = latch;
    return latch;
  }

  /** Calls that begin now are not held; those that are stay so. */
  void holdNoMore() {
    hold = null;
  }

  /** Waits until so many more calls are held. */
  void awaitHeld(int count) {
    held.acquireUninterruptibly(count);
  }

  private void enter(String call, ObjectKey key) throws IOException {
    calls.add(call + " " + key.chunkHashHex());
    Trap trap = traps.get(key);
    if (trap != null) {
      trap.spring();
    }
    CountDownLatch latch = hold;
    if (latch != null) {
      held.release();
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError("workers are not interrupted", e);
      }
    }
    if (closed.get() > 0) {
      throw new AssertionError("a call after close");
    }
  }

  @Override
  public AdapterLimits limits() {
    return limits;
  }

  @Override
  public void put(ObjectKey key, MemoryObject object) throws IOException {
    enter("put", key);
    byte[] bytes = new byte[object.sizeBytes()];
    object.buffer().get(bytes);
    objects.put(key, bytes);
  }

  @Override
  public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
    enter("get", key);
    byte[] bytes = objects.get(key);
    if (bytes == null) {
      return LoadOutcome.NOT_FOUND;
    }
    if (damaged.remove(key)) {
      objects.remove(key);
      return LoadOutcome.CORRUPT;
    }
    if (bytes.length != object.sizeBytes() && !(padded && bytes.length > object.sizeBytes())) {
      return LoadOutcome.SIZE_MISMATCH;
    }
    object.buffer().put(bytes, 0, object.sizeBytes());
    return LoadOutcome.LOADED;
  }

  @Override
  public OptionalLong stat(ObjectKey key) throws IOException {
    enter("stat", key);
    byte[] bytes = objects.get(key);
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
  }

  @Override
  public boolean remove(ObjectKey key) throws IOException {
    enter("remove", key);
    return objects.remove(key) != null;
  }

  @Override
  public void checkCursor(String cursor) {
    ObjectKey.parse(cursor);
  }

  @Override
  public KeyPage page(ListRequest request) throws IOException {
    Trap trap = walkTrap;
    if (trap != null) {
      trap.spring();
    }
    String cursor = request.cursor();
    List<KeyEntry> entries = new ArrayList<>();
    objects.entrySet().stream()
        .filter(e -> cursor == null || e.getKey().toString().compareTo(cursor) > 0)
        .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
        .limit(request.pageSize())
        .forEach(e -> entries.add(new KeyEntry(e.getKey(), e.getValue().length)));
    boolean last = entries.size() < request.pageSize();
    String next = last ? null : entries.get(entries.size() - 1).key().toString();
    return new KeyPage(entries, next, null);
  }

  /** In the order of the canonical forms; what it passes on may be out of date by then. */
  @Override
  public void forEach(Consumer<StoredObject> visitor) throws IOException {
    walkers.incrementAndGet();
    try {
      Trap trap = walkTrap;
      if (trap != null) {
        trap.spring();
      }
      List<ObjectKey> keys = new ArrayList<>(objects.keySet());
      keys.sort((a, b) -> a.toString().compareTo(b.toString()));
      for (ObjectKey key : keys) {
        byte[] bytes = objects.get(key);
        if (bytes != null) {
          Instant time = lastModified.getOrDefault(key, Instant.EPOCH);
          StoredObject object = new StoredObject(key, bytes.length, time);
          Step step = walkStep;
          if (step != null) {
            step.met(object);
          }
          visitor.accept(object);
        }
      }
      walks.incrementAndGet();
    } finally {
      walkers.decrementAndGet();
    }
  }

  @Override
  public void close() {
    if (walkers.get() > 0) {
      throw new AssertionError("closed during a walk");
    }
    closer = Thread.currentThread();
    closed.incrementAndGet();
  }
}

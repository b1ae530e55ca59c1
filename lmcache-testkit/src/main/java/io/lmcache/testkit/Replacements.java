// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Extent;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One key that is replaced by two threads while two others load it and one looks it up, in rounds
 * until the readers have met replacements under way and more than one version, or the patience is
 * over.
 */
final class Replacements {

  private static final int WRITERS = 2;
  private static final int READERS = 2;
  private static final int ROUNDS_AT_LEAST = 2;

  private final AdapterUnderTest a;
  private final ObjectKey key;
  private final StoreMode mode;
  private final List<Integer> sizes;
  private final boolean oneSize;
  private final List<MemoryObject> objects;

  /** How often each writer has written, over all rounds. */
  private final AtomicIntegerArray turns = new AtomicIntegerArray(WRITERS);

  private final AtomicInteger writing = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger loadsMeanwhile = new AtomicInteger();
  private final AtomicInteger lookupsMeanwhile = new AtomicInteger();
  private final Set<Integer> versionsSeen = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Replacements of a key.
   *
   * @param sizes the size of each version; a version belongs to one writer only. For IF_ABSENT they
   *     must all differ.
   */
  Replacements(AdapterUnderTest a, ObjectKey key, StoreMode mode, List<Integer> sizes) {
    this.a = a;
    this.key = key;
    this.mode = mode;
    this.sizes = sizes;
    this.oneSize = Set.copyOf(sizes).size() == 1;
    this.objects =
        IntStream.range(0, sizes.size()).mapToObj(v -> a.filled(key, v, sizes.get(v))).toList();
  }

  /** Runs rounds; fails if anybody saw what must not be, or too little was seen. */
  void run() {
    // The one that the first writer stores last: IF_ABSENT must never meet its own size.
    int atFirst = sizes.size() - WRITERS;
    Ops.mustStore(a, List.of(key), atFirst, sizes.get(atFirst));
    int rounds = 0;
    long end = System.nanoTime() + a.patience().toNanos();
    while (failure.get() == null
        && (rounds < ROUNDS_AT_LEAST || (!seenEnough() && System.nanoTime() < end))) {
      round();
      rounds++;
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new AssertionError(first.getMessage(), first);
    }
    assertThat(ended.get()).as("replacements done").isGreaterThan(0);
    assertThat(loadsMeanwhile.get())
        .as("loads that began while a replacement was under way, of %d rounds", rounds)
        .isGreaterThan(0);
    assertThat(lookupsMeanwhile.get())
        .as("lookups that began while a replacement was under way, of %d rounds", rounds)
        .isGreaterThan(0);
    assertThat(versionsSeen)
        .as("versions that loads have met during %d replacements of %s", ended.get(), key)
        .hasSizeGreaterThan(1);
  }

  private boolean seenEnough() {
    return loadsMeanwhile.get() > 0 && lookupsMeanwhile.get() > 0 && versionsSeen.size() > 1;
  }

  private void round() {
    List<Thread> threads = new ArrayList<>();
    writing.set(WRITERS);
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      threads.add(thread("writer", () -> write(writer)));
    }
    for (int i = 0; i < READERS; i++) {
      threads.add(thread("reader", this::read));
    }
    threads.add(thread("looker", this::look));
    threads.forEach(Thread::start);
    // Each of them waits for nothing longer than the patience, and stops at the first failure.
    for (Thread thread : threads) {
      a.await("the end of " + thread.getName(), () -> !thread.isAlive());
    }
  }

  private Thread thread(String what, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
              }
            },
            "lmc-test-" + what);
    thread.setDaemon(true);
    return thread;
  }

  private void write(int writer) {
    try {
      int times = a.scaled(20);
      for (int i = 0; i < times && failure.get() == null; i++) {
        int version = (turns.getAndIncrement(writer) * WRITERS + writer) % objects.size();
        StoreRequest request =
            new StoreRequest(
                List.of(new StoreItem(key, objects.get(version))), mode, Options.DEFAULT);
        begun.incrementAndGet();
        try {
          Expect.stored("STORE-5", List.of(key), Ops.store(a, request), StoreOutcome.STORED);
        } finally {
          ended.incrementAndGet();
        }
      }
    } finally {
      writing.decrementAndGet();
    }
  }

  private boolean goesOn() {
    return writing.get() > 0 && failure.get() == null;
  }

  private boolean replacing() {
    return begun.get() > ended.get();
  }

  private void read() {
    List<MemoryObject> buffers = sizes.stream().distinct().map(a::poisoned).toList();
    for (int turn = 0; goesOn(); turn++) {
      MemoryObject into = buffers.get(turn % buffers.size());
      a.memory().poison(into);
      boolean meanwhile = replacing();
      LoadOutcome outcome = Ops.load(a, key, into);
      if (outcome == LoadOutcome.LOADED) {
        int version = TestMemory.versionIn(into, key, versionsOf(into.sizeBytes()));
        assertThat(version)
            .as("STORE-5: the version in what was loaded of %s (-1: none, whole)", key)
            .isNotEqualTo(-1);
        versionsSeen.add(version);
        loadsMeanwhile.addAndGet(meanwhile ? 1 : 0);
      } else if (oneSize || outcome != LoadOutcome.SIZE_MISMATCH) {
        assertThat(outcome)
            .as("STORE-5: load of %s, %d bytes, while it is replaced", key, into.sizeBytes())
            .isEqualTo(LoadOutcome.LOADED);
      }
    }
  }

  private List<Integer> versionsOf(int size) {
    return IntStream.range(0, sizes.size()).filter(v -> sizes.get(v) == size).boxed().toList();
  }

  private void look() {
    while (goesOn()) {
      boolean meanwhile = replacing();
      try (LookupLease lease = Ops.lookup(a, List.of(key), Extent.ALL, false)) {
        Expect.hits("STORE-5, while it is replaced", List.of(key), lease, k -> true);
        if (lease.get(0).sizeExact()) {
          assertThat((int) lease.get(0).sizeBytes())
              .as("STORE-5: size of %s while it is replaced", key)
              .isIn(sizes);
        }
      }
      lookupsMeanwhile.addAndGet(meanwhile ? 1 : 0);
    }
  }
}

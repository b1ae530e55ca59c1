// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Many threads that store, load, look up and delete few keys, so that nearly always several are at
 * the same one, and which know what each key may hold. Each thread draws by a seed of its own and
 * has memory of its own to load into; they share what they store from, which nobody changes. Needs
 * no test library: children have none.
 *
 * @param mode of all stores; with REPLACE a key has two contents, of which some differ in size
 * @param seed other crowds have other ones
 * @param threads how many
 * @param millis how long it takes at least
 * @param least how many operations of every thread there are at least
 */
record Crowd(StoreMode mode, int seed, int threads, int millis, int least) {

  static final int KEYS = 8;

  private static final int MOST_PROBLEMS = 5;
  private static final int LARGE = 1 << 20;

  /** In sixteenths: the rest are deletes. As many keys go as come, and half of them are there. */
  private static final int STORES = 5;

  private static final int LOADS = 5;
  private static final int LOOKUPS = 2;

  static ObjectKey key(int n) {
    return Content.key("org/crowd", n);
  }

  /** How many contents a key may have. */
  int versions() {
    return mode == StoreMode.REPLACE ? 2 : 1;
  }

  /** One key has a large object, every second has one of another size in its second version. */
  int size(int n, int version) {
    int size = n == 0 ? LARGE : (16 << 10) + n * (6 << 10);
    return n % 2 == 1 && version == 1 ? size - 512 : size;
  }

  private boolean hasSize(int n, long size) {
    return IntStream.range(0, versions()).anyMatch(version -> size == size(n, version));
  }

  /** Which version of an object memory holds, every byte of it; -1 if none. */
  int versionOf(int n, MemoryObject object) {
    return IntStream.range(0, versions())
        .filter(version -> object.sizeBytes() == size(n, version))
        .filter(version -> Content.holds(object, key(n), version))
        .findFirst()
        .orElse(-1);
  }

  /** Runs all of it. */
  CrossEngineSeen run(FileAdapter adapter) {
    MemoryObject[][] contents = new MemoryObject[KEYS][versions()];
    for (int n = 0; n < KEYS; n++) {
      for (int version = 0; version < versions(); version++) {
        contents[n][version] = Content.of(key(n), version, size(n, version));
      }
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      List<Future<CrossEngineSeen>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        One one = new One(adapter, contents, seed * threads + i);
        results.add(pool.submit(() -> one.work(end)));
      }
      CrossEngineSeen all = new CrossEngineSeen();
      for (Future<CrossEngineSeen> result : results) {
        all.add(result.get());
      }
      return all;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("a thread of the crowd failed", e);
    } finally {
      pool.shutdownNow();
    }
  }

  /** What one thread does. */
  private final class One {

    private final FileAdapter adapter;
    private final MemoryObject[][] contents;
    private final Map<Integer, MemoryObject> memory = new HashMap<>();
    private final SplittableRandom lot;
    private final CrossEngineSeen seen = new CrossEngineSeen();

    One(FileAdapter adapter, MemoryObject[][] contents, int seed) {
      this.adapter = adapter;
      this.contents = contents;
      this.lot = new SplittableRandom(seed);
    }

    CrossEngineSeen work(long end) {
      for (int done = 0; done < least || System.nanoTime() < end; done++) {
        if (seen.problems().size() >= MOST_PROBLEMS) {
          break;
        }
        int what = lot.nextInt(16);
        int n = lot.nextInt(KEYS);
        if (what < STORES) {
          store(n);
        } else if (what < STORES + LOADS) {
          load(n);
        } else if (what < STORES + LOADS + LOOKUPS) {
          lookup(n);
        } else {
          delete(n);
        }
      }
      return seen;
    }

    private void store(int n) {
      MemoryObject content = contents[n][lot.nextInt(versions())];
      StoreOutcome outcome = adapter.store(key(n), content, mode);
      boolean right =
          outcome == StoreOutcome.STORED
              || (outcome == StoreOutcome.ALREADY_PRESENT && mode == StoreMode.IF_ABSENT);
      note(right, "STORE_" + outcome, n);
    }

    private void load(int n) {
      int size = size(n, lot.nextInt(versions()));
      MemoryObject into = memory.computeIfAbsent(size, absent -> Content.poisoned(size));
      Content.poison(into);
      LoadOutcome outcome = adapter.load(key(n), into);
      if (outcome == LoadOutcome.LOADED) {
        int version = versionOf(n, into);
        note(version >= 0, version >= 0 ? "LOADED" : "LOADED_BYTES_OF_NO_VERSION", n);
        seen.count("LOADED_VERSION_" + version);
        return;
      }
      boolean right =
          outcome == LoadOutcome.NOT_FOUND
              || (outcome == LoadOutcome.SIZE_MISMATCH && size(n, 0) != size(n, versions() - 1));
      note(right, "LOAD_" + outcome, n);
    }

    private void lookup(int n) {
      Long size = adapter.lookup(key(n));
      note(size == null || hasSize(n, size), size == null ? "LOOKUP_MISS" : "LOOKUP_HIT", n);
    }

    /** A key that another thread has just looked up is pinned for a moment. */
    private void delete(int n) {
      DeleteOutcome outcome = adapter.delete(key(n));
      note(outcome != DeleteOutcome.FAILED, "DELETE_" + outcome, n);
    }

    private void note(boolean right, String what, int n) {
      seen.count(what);
      if (!right) {
        seen.problem(what + " of key " + n);
      }
    }
  }
}

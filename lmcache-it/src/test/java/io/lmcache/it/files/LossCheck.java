// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a new instance finds in a directory whose last one came to a sudden end, beside what it has
 * to find: looks up, lists and loads every key, and counts files. For one thread. Needs no test
 * library: children have none.
 */
final class LossCheck {

  /** What was left to hold, after which end. */
  enum Promise {
    /** The process died: all that was acknowledged is there. */
    PROCESS,
    /** The machine died, nothing was synced: what is new is gone or damaged, which is found out. */
    NONE,
    /** The machine died, the data of files was synced: what is new is whole or gone. */
    DATA,
    /** The machine died, names too were synced: all that was acknowledged is there. */
    FULL
  }

  /**
   * What was found.
   *
   * @param whole how many objects arrived with their bytes
   * @param lost how many keys do not hold what was acknowledged last
   * @param damaged how many keys have a file that could not be served
   * @param problems what breaks the promise
   */
  record Found(int whole, int lost, int damaged, List<String> problems) {}

  /** In place of a version: there is a file, and it cannot be served. */
  private static final int DAMAGED = -2;

  private static final int BLOCK = 4096;
  private static final int MOST_PROBLEMS = 10;
  private static final List<String> COUNTERS =
      List.of(
          "corrupt",
          "corrupt_kept",
          "empty",
          "foreign",
          "unverified",
          "size_mismatch",
          "empty_files");

  private final FileAdapter adapter;
  private final Path base;
  private final LossKeys keys;
  private final LossModel model;
  private final Promise promise;
  private final List<String> problems = new ArrayList<>();
  private final Map<Integer, MemoryObject> memory = new HashMap<>();
  private int whole;
  private int lost;
  private final Set<String> damagedFiles = new HashSet<>();

  private LossCheck(
      FileAdapter adapter, Path base, LossKeys keys, LossModel model, Promise promise) {
    this.adapter = adapter;
    this.base = base;
    this.keys = keys;
    this.model = model;
    this.promise = promise;
  }

  /**
   * Opens an instance, checks everything, tells the model what is there, and closes it.
   *
   * @param more of its configuration
   */
  static Found run(
      Engine engine, Path base, LossKeys keys, LossModel model, Promise promise, List<String> more)
      throws IOException {
    LossCheck check;
    try (FileAdapter adapter = FileAdapter.open(engine, base, more.toArray(String[]::new))) {
      check = new LossCheck(adapter.recovered(), base, keys, model, promise);
      check.all();
    }
    List<String> owners = LossDisk.of(base).owners();
    check.expect(owners.isEmpty(), "owner files after the close", owners);
    return new Found(check.whole, check.lost, check.damagedFiles.size(), check.problems);
  }

  private void all() throws IOException {
    LossDisk disk = LossDisk.of(base);
    expect(disk.staged().isEmpty(), "staging files after the sweep", disk.staged());
    expect(disk.owners().size() == 1, "owner files", disk.owners());
    // What a crash leaves without attribute is no object, and counted as such.
    expectUsage(disk, adapter.counter("empty_files"));
    Map<ObjectKey, Long> listed = adapter.list();
    for (int n = 0; n < keys.count(); n++) {
      examine(n, listed.remove(LossKeys.key(n)));
    }
    expect(listed.isEmpty(), "keys that nobody stored", listed.keySet());
    if (promise != Promise.NONE) {
      for (String counter : COUNTERS) {
        expect(adapter.counter(counter) == 0, counter, adapter.detail(counter));
      }
    }
    LossDisk after = LossDisk.of(base);
    if (promise != Promise.NONE) {
      expect(!after.objects().containsValue(0L), "files without a byte", after.usage());
    }
    // Above a limit corrupt files stay, and are no objects.
    int all = after.objects().size();
    after.objects().keySet().removeAll(damagedFiles);
    expect(
        all - after.objects().size() == adapter.counter("corrupt_kept"),
        "damaged files that are left, beside corrupt_kept " + adapter.counter("corrupt_kept"),
        all - after.objects().size());
    expectUsage(after, 0);
    expect(adapter.adapter().loans() == 0, "loans", adapter.adapter().loans());
    expect(model.problems().isEmpty(), "contradictions", model.problems());
  }

  private void expect(boolean holds, String what, Object found) {
    if (!holds && problems.size() < MOST_PROBLEMS) {
      problems.add(what + ": " + found);
    }
  }

  private void expectUsage(LossDisk disk, long noObjects) {
    AdapterUsage usage = adapter.usage();
    long objects = usage.storedObjects() + noObjects;
    String told = objects + " objects, " + usage.storedBytes() + " bytes";
    expect(told.equals(disk.usage()), "usage is " + told + ", on disk are", disk.usage());
    expect(usage.inFlightBytes() == 0, "bytes in flight", usage.inFlightBytes());
  }

  private void examine(int n, @Nullable Long listed) {
    Long size = adapter.lookup(LossKeys.key(n));
    expect(
        size == null ? listed == null : size.equals(listed),
        "key " + n + " has size " + size + " in a lookup, in the listing",
        String.valueOf(listed));
    Set<Integer> possible = model.possible(n);
    Set<Integer> certain = model.certain(n);
    int found = load(n, size, possible);
    whole += found >= 0 ? 1 : 0;
    if (found == DAMAGED) {
      damagedFiles.add(DamageFiles.name(LossKeys.key(n)));
    }
    lost += certain.contains(found) ? 0 : 1;
    boolean kept =
        switch (promise) {
          case PROCESS, FULL -> certain.contains(found);
          case DATA -> possible.contains(found);
          // What was being replaced may be lost with what replaced it.
          case NONE -> possible.contains(found) || (possible.size() > 1 && found < 0);
        };
    expect(kept, "key " + n + " may hold " + certain + " or lately " + possible + ", has", found);
    model.settle(n, found < 0 ? LossModel.ABSENT : found);
  }

  /** The size of the version that this may be, or else of any that it may hold. */
  private int wanted(int n, @Nullable Long size, Set<Integer> possible) {
    int any = 1;
    for (int version : possible) {
      if (version >= 0) {
        any = keys.size(n, version);
        if (size != null && size == any) {
          return any;
        }
      }
    }
    return any;
  }

  /** What the key holds, as a load of it finds. */
  private int load(int n, @Nullable Long size, Set<Integer> possible) {
    ObjectKey key = LossKeys.key(n);
    int wanted = wanted(n, size, possible);
    MemoryObject into = memory.computeIfAbsent(wanted, bytes -> Content.poisoned(bytes, BLOCK));
    Content.poison(into);
    LoadOutcome outcome = adapter.load(key, into);
    if (outcome == LoadOutcome.LOADED) {
      for (int version : possible) {
        if (version >= 0 && keys.size(n, version) == wanted && Content.holds(into, key, version)) {
          expect(size != null, "key " + n + " was loaded, but a lookup misses version", version);
          return version;
        }
      }
      expect(false, "key " + n + " was loaded with bytes of none of the versions", possible);
      return DAMAGED;
    }
    expect(outcome != LoadOutcome.FAILED, "load of key " + n, outcome);
    expect(
        size != null || outcome == LoadOutcome.NOT_FOUND,
        "key " + n + " is a miss, but its load",
        outcome);
    return size == null ? LossModel.ABSENT : DAMAGED;
  }
}

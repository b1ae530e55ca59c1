// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Writers and readers of one key on one adapter, which know what the key may hold. Needs no test
 * library: children have none.
 *
 * @param n the key
 * @param writers how many threads replace the object, with version 0 or 1 by lot: writers in step
 *     with each other would always hide the same one
 * @param readers how many threads load it
 * @param size of version 0
 * @param otherSize of version 1
 * @param millis how long it takes at least
 * @param least how many stores and loads of every thread there are at least
 */
record RenameRaceLoop(
    int n, int writers, int readers, int size, int otherSize, int millis, int least) {

  /** What the threads of one adapter saw; problems are empty unless something is broken. */
  record Seen(long stores, long loads, long mismatches, long firsts, List<String> problems) {

    /** In one line, without commas in the numbers' part. */
    @Override
    public String toString() {
      return stores + " " + loads + " " + mismatches + " " + firsts + " " + problems;
    }

    static Seen parse(String line) {
      String[] words = line.split(" ", 5);
      List<String> problems = words[4].equals("[]") ? List.of() : List.of(words[4]);
      return new Seen(
          Long.parseLong(words[0]),
          Long.parseLong(words[1]),
          Long.parseLong(words[2]),
          Long.parseLong(words[3]),
          problems);
    }

    Seen plus(Seen other) {
      List<String> both = new ArrayList<>(problems);
      both.addAll(other.problems);
      return new Seen(
          stores + other.stores,
          loads + other.loads,
          mismatches + other.mismatches,
          firsts + other.firsts,
          both);
    }
  }

  private static final int MOST_PROBLEMS = 5;

  /** The line that has another JVM run it. */
  String command() {
    return "race " + n + " " + writers + " " + readers + " " + size + " " + otherSize + " " + millis
        + " " + least;
  }

  static RenameRaceLoop parse(String line) {
    String[] w = line.split(" ", -1);
    int[] numbers = new int[w.length - 1];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(w[i + 1]);
    }
    return new RenameRaceLoop(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
  }

  private ObjectKey key() {
    return OwnersCommands.key(n);
  }

  /** Runs all of it; the key holds one of the versions already. */
  Seen run(FileAdapter adapter) {
    ExecutorService threads = Executors.newFixedThreadPool(writers + readers);
    try {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      List<Future<Seen>> results = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        int seed = i;
        results.add(threads.submit((Callable<Seen>) () -> write(adapter, seed, end)));
      }
      for (int i = 0; i < readers; i++) {
        int seed = i;
        results.add(threads.submit((Callable<Seen>) () -> read(adapter, seed, end)));
      }
      Seen all = new Seen(0, 0, 0, 0, List.of());
      for (Future<Seen> result : results) {
        all = all.plus(result.get());
      }
      return all;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("a thread of the race failed", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private Seen write(FileAdapter adapter, int seed, long end) {
    MemoryObject[] versions = {
      Content.of(key(), 0, size), Content.of(key(), 1, otherSize),
    };
    SplittableRandom lot = new SplittableRandom(seed);
    List<String> problems = new ArrayList<>();
    long stores = 0;
    while (goesOn(stores, end, problems)) {
      MemoryObject version = versions[lot.nextInt(2)];
      StoreRequest request =
          new StoreRequest(
              List.of(new StoreItem(key(), version)), StoreMode.REPLACE, Options.DEFAULT);
      StoreOutcome outcome = FileAdapter.await(adapter.adapter().store(request)).outcome(0);
      stores++;
      if (outcome != StoreOutcome.STORED) {
        problems.add("store " + stores + " is " + outcome);
      }
    }
    return new Seen(stores, 0, 0, 0, problems);
  }

  private Seen read(FileAdapter adapter, int seed, long end) {
    SplittableRandom lot = new SplittableRandom(seed + 1000L);
    MemoryObject[] into = {Content.poisoned(size), Content.poisoned(otherSize)};
    List<String> problems = new ArrayList<>();
    long loads = 0;
    long mismatches = 0;
    long firsts = 0;
    while (goesOn(loads, end, problems)) {
      MemoryObject object = into[lot.nextInt(2)];
      LoadOutcome outcome = adapter.load(key(), object);
      loads++;
      if (outcome == LoadOutcome.LOADED) {
        // A version fits only into memory of its size.
        boolean first = object.sizeBytes() == size && Content.holds(object, key(), 0);
        firsts += first ? 1 : 0;
        if (!first && !(object.sizeBytes() == otherSize && Content.holds(object, key(), 1))) {
          problems.add("load " + loads + " has bytes of neither version");
        }
      } else if (outcome == LoadOutcome.SIZE_MISMATCH && size != otherSize) {
        mismatches++;
      } else {
        problems.add("load " + loads + " is " + outcome);
      }
      if (!isHit(adapter)) {
        problems.add("lookup " + loads + " is a miss");
      }
    }
    return new Seen(0, loads, mismatches, firsts, problems);
  }

  private boolean isHit(FileAdapter adapter) {
    try (LookupLease lease =
        FileAdapter.await(adapter.adapter().lookup(LookupRequest.of(List.of(key()))))) {
      return lease.hit(0)
          && (Objects.requireNonNull(lease.get(0)).sizeBytes() == size
              || lease.get(0).sizeBytes() == otherSize);
    }
  }

  private boolean goesOn(long done, long end, List<String> problems) {
    return problems.size() < MOST_PROBLEMS && (done < least || System.nanoTime() < end);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What one of two sides does with the common keys while the other is at work: it begins when both
 * are there and ends when both have done enough, which they tell each other by empty files, since
 * they may be two processes. Used by one thread. It can wait only for the other side's first file,
 * with a time limit that detects a hang. Needs no test library: children have none.
 *
 * <p>Side 0 writes even versions and side 1 odd ones, so what is loaded tells who stored it.
 */
final class CrossEngineWork {

  /** What a side does most. */
  enum Role {
    WRITER,
    VISITOR
  }

  private static final int MOST_PROBLEMS = 5;

  /** How often a writer stores the large objects, and a visitor begins anew, amid the others. */
  static final int TIMES = 2;

  private final int side;
  private final Role role;
  private final int least;
  private final Path meeting;
  private final CrossEngineAdapter adapter;
  private final SplittableRandom lot;
  private final Map<List<Integer>, MemoryObject> contents = new HashMap<>();
  private final Map<Integer, MemoryObject> memory = new HashMap<>();
  private final CrossEngineSeen seen = new CrossEngineSeen();

  /**
   * Work to be done.
   *
   * @param least how many rounds at least
   * @param meeting a directory for the files by which the sides meet
   */
  CrossEngineWork(int side, Role role, int least, Path meeting, CrossEngineAdapter adapter) {
    this.side = side;
    this.role = role;
    this.least = least;
    this.meeting = meeting;
    this.adapter = adapter;
    this.lot = new SplittableRandom(side + (role == Role.WRITER ? 2 : 0));
  }

  CrossEngineSeen run() throws IOException {
    Files.createFile(meeting.resolve("begun-" + side));
    long end = System.nanoTime() + 300_000_000_000L;
    while (!Files.exists(meeting.resolve("begun-" + (1 - side)))) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the other side did not begin");
      }
      Thread.onSpinWait();
    }
    Path theirs = meeting.resolve("enough-" + (1 - side));
    boolean other = false;
    try {
      for (int done = 0; done < least || !other; done++) {
        if (seen.problems().size() >= MOST_PROBLEMS) {
          break;
        }
        if (done == least) {
          Files.createFile(meeting.resolve("enough-" + side));
        }
        other = other || Files.exists(theirs);
        round(done);
      }
      if (role == Role.VISITOR) {
        beginAnew(); // By now the other side has stored the large ones.
      }
    } finally {
      if (!Files.exists(meeting.resolve("enough-" + side))) {
        Files.createFile(meeting.resolve("enough-" + side));
      }
    }
    return seen;
  }

  /** A key; seldom one of the longer objects, so that they do not take all the time. */
  private int draw() {
    int all = CrossEngineKeys.LARGE;
    return lot.nextInt(lot.nextInt(8) == 0 ? all : all * 3 / 4);
  }

  private void round(int done) throws IOException {
    // The other may need many more rounds until it has done enough.
    int period = Math.max(1, least / TIMES);
    boolean turn = done < TIMES * period && done % period == period / 2;
    if (role == Role.WRITER) {
      if (turn) {
        storeLargeOnes();
      }
      store(draw(), StoreMode.IF_ABSENT);
      store(draw(), StoreMode.REPLACE);
      load(draw());
      return;
    }
    if (turn) {
      beginAnew();
    }
    load(draw());
    load(draw());
    lookup(draw());
    list();
    if (done % 2 == 0) {
      store(draw(), StoreMode.REPLACE);
    } else {
      delete(draw());
    }
  }

  /** Nobody deletes them, so that in the end they are there. */
  private void storeLargeOnes() {
    for (int n = CrossEngineKeys.LARGE; n < CrossEngineKeys.COUNT; n++) {
      store(n, StoreMode.REPLACE);
    }
  }

  /** What this finds afterwards it knows from the directory, into which the other side writes. */
  private void beginAnew() throws IOException {
    adapter.reopen();
    seen.count("BEGUN_ANEW");
    seen.count("RECOVERED", adapter.usageAfterScan().storedObjects());
    list();
    long before = seen.of("LOADED_THEIRS");
    for (int n = 0; n < CrossEngineKeys.COUNT; n++) {
      load(n);
    }
    seen.count("RECOVERED_THEIRS", seen.of("LOADED_THEIRS") - before);
  }

  private void store(int n, StoreMode mode) {
    int version = 2 * lot.nextInt(CrossEngineKeys.VERSIONS / 2) + side;
    ObjectKey key = CrossEngineKeys.key(n);
    MemoryObject content =
        contents.computeIfAbsent(
            List.of(n, version),
            absent ->
                Content.of(key, version, CrossEngineKeys.size(n, version), adapter.multiple()));
    StoreRequest request =
        new StoreRequest(List.of(new StoreItem(key, content)), mode, Options.DEFAULT);
    StoreOutcome outcome = FileAdapter.await(adapter.now().adapter().store(request)).outcome(0);
    boolean right =
        outcome == StoreOutcome.STORED
            || (mode == StoreMode.IF_ABSENT && outcome == StoreOutcome.ALREADY_PRESENT);
    note(right, mode + "_" + outcome, n);
  }

  private void load(int n) {
    int size = CrossEngineKeys.size(n, lot.nextInt(CrossEngineKeys.VERSIONS));
    MemoryObject into =
        memory.computeIfAbsent(size, absent -> Content.poisoned(size, adapter.multiple()));
    Content.poison(into);
    LoadOutcome outcome = adapter.now().load(CrossEngineKeys.key(n), into);
    if (outcome == LoadOutcome.LOADED) {
      int version = versionOf(n, into);
      note(version >= 0, version >= 0 ? "LOADED" : "LOADED_BYTES_OF_NO_VERSION", n);
      if (version >= 0 && size >= Long.BYTES && version % 2 != side) {
        seen.count("LOADED_THEIRS");
        if (n >= CrossEngineKeys.LARGE) {
          seen.count("LARGE_LOADED_THEIRS");
        }
      }
      return;
    }
    boolean right =
        outcome == LoadOutcome.NOT_FOUND
            || (outcome == LoadOutcome.SIZE_MISMATCH && hasTwoSizes(n));
    note(right, "LOAD_" + outcome, n);
  }

  private static boolean hasTwoSizes(int n) {
    return CrossEngineKeys.size(n, 0) != CrossEngineKeys.size(n, CrossEngineKeys.VERSIONS - 1);
  }

  /** Which version of an object memory holds, every byte of it; -1 if none. */
  static int versionOf(int n, MemoryObject object) {
    for (int version = 0; version <= CrossEngineKeys.REPLACEMENT; version++) {
      if (object.sizeBytes() == CrossEngineKeys.size(n, version)
          && Content.holds(object, CrossEngineKeys.key(n), version)) {
        return version;
      }
    }
    return -1;
  }

  private static boolean isASize(int n, long size) {
    return size == CrossEngineKeys.size(n, 0)
        || size == CrossEngineKeys.size(n, CrossEngineKeys.VERSIONS - 1);
  }

  private void lookup(int n) {
    Long size = adapter.now().lookup(CrossEngineKeys.key(n));
    note(size == null || isASize(n, size), size == null ? "LOOKUP_MISS" : "LOOKUP_HIT", n);
  }

  private void list() {
    Map<ObjectKey, Long> found = CrossEngineCommands.list(adapter.now());
    for (int n = 0; n < CrossEngineKeys.COUNT; n++) {
      Long size = found.remove(CrossEngineKeys.key(n));
      if (size != null && !isASize(n, size)) {
        seen.problem("listed " + n + " with " + size + " bytes");
      }
    }
    if (!found.isEmpty()) {
      seen.problem("listed " + found.keySet());
    }
    seen.count("LIST");
  }

  private void delete(int n) {
    DeleteOutcome outcome = adapter.now().delete(CrossEngineKeys.key(n));
    note(
        outcome == DeleteOutcome.DELETED || outcome == DeleteOutcome.ABSENT,
        "DELETE_" + outcome,
        n);
  }

  private void note(boolean right, String what, int n) {
    seen.count(what);
    if (!right) {
      seen.problem(what + " of key " + n);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.it.files.LossEvent.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What each key may hold, as its writers tell it. One operation of a key at a time: an announcement
 * adds what it may come to, its result leaves nothing else. Safe for use by many threads.
 */
final class LossModel implements Consumer<LossEvent> {

  /** In place of a version: no object. */
  static final int ABSENT = -1;

  private static final long HANG_SECONDS = 120;

  private static final class State {
    private final Set<Integer> certain = new TreeSet<>(Set.of(ABSENT));
    private final Set<Integer> possible = new TreeSet<>(Set.of(ABSENT));
    private boolean surelyThere;

    void add(int version) {
      surelyThere = !certain.contains(ABSENT);
      certain.add(version);
      possible.add(version);
    }

    void set(int version) {
      certain.clear();
      certain.add(version);
    }
  }

  private final LossKeys keys;
  private final List<State> states;
  private final List<String> problems = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private long stored;
  private long replaced;
  private long deleted;
  private long inFlight;
  private boolean ending;

  LossModel(LossKeys keys) {
    this.keys = keys;
    this.states = Stream.generate(State::new).limit(keys.count()).toList();
  }

  @Override
  public synchronized void accept(LossEvent event) {
    boolean counts = !ending || event.kind().isAnnouncement() || event.kind() == Kind.FAILED;
    if (counts) {
      take(event);
    }
    notifyAll();
  }

  private void take(LossEvent event) {
    State state = states.get(event.n());
    inFlight += event.kind().isAnnouncement() ? 1 : -1;
    switch (event.kind()) {
      case STORING -> state.add(event.version());
      case DELETING -> state.add(ABSENT);
      case STORED -> {
        state.set(event.version());
        stored++;
        replaced += state.surelyThere ? 1 : 0;
      }
      case KEPT -> kept(state, event);
      case DELETED -> {
        state.set(ABSENT);
        deleted++;
      }
      case ABSENT -> {
        if (state.surelyThere) {
          problems.add(event + ", but it was stored");
        }
        state.set(ABSENT);
      }
      case FAILED -> failures.add(event.toString());
    }
  }

  private void kept(State state, LossEvent event) {
    int size = keys.size(event.n(), event.version());
    state.certain.removeIf(
        v -> v == ABSENT || v == event.version() || keys.size(event.n(), v) != size);
    if (state.certain.isEmpty()) {
      problems.add(event + ", but no object of that size was there");
      state.certain.add(ABSENT);
    }
  }

  /** Waits until so many objects were stored, or something has failed. */
  void awaitStored(long least) throws InterruptedException {
    await(least + " objects stored", () -> stored >= least);
  }

  /** Waits until something is under way, or has failed. */
  void awaitInFlight() throws InterruptedException {
    await("something under way", () -> inFlight > 0);
  }

  private synchronized void await(String what, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
    while (!condition.getAsBoolean() && failures.isEmpty()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("hangs: " + what);
      }
      wait(left);
    }
  }

  /** What it may hold if nothing that was acknowledged is lost. */
  synchronized Set<Integer> certain(int n) {
    return new HashSet<>(states.get(n).certain);
  }

  /** What it may hold if all since the last {@link #settle} may be lost. */
  synchronized Set<Integer> possible(int n) {
    return new HashSet<>(states.get(n).possible);
  }

  /** That is what it holds, and will after whatever happens. */
  synchronized void settle(int n, int version) {
    states.get(n).set(version);
    states.get(n).possible.clear();
    states.get(n).possible.add(version);
  }

  /** What was acknowledged will be there after whatever happens. Nothing may be under way. */
  synchronized void settleAll() {
    for (State state : states) {
      state.possible.retainAll(state.certain);
    }
  }

  /**
   * The end comes: what is told of from now on may hold or not. With a machine dies whoever would
   * be told; but of a file system that is shut down XFS may still say that a directory is synced.
   */
  synchronized void end() {
    ending = true;
  }

  /** Nobody is left who was doing anything; others may begin. */
  synchronized void ended() {
    ending = false;
    inFlight = 0;
  }

  /** How many stores were acknowledged. */
  synchronized long stored() {
    return stored;
  }

  /** How many of them certainly replaced an object. */
  synchronized long replaced() {
    return replaced;
  }

  synchronized long deleted() {
    return deleted;
  }

  /** How many operations were announced and have not ended. */
  synchronized long inFlight() {
    return inFlight;
  }

  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** Results that contradict those before. */
  synchronized List<String> problems() {
    return List.copyOf(problems);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is in the storage already, while the adapter serves.
 *
 * <p><b>The way.</b> A scan visits every object. One that the index does not know is counted at
 * once, so that lookups find it; the listener hears of all of them when the scan is over, oldest
 * first. A key that is being stored or deleted when the scan meets it is put aside: whatever the
 * scan saw may be out of date before it is written down. Those keys are asked about at the end, by
 * a {@link CheckTask}, in their turn. What the index learns on the way is never overwritten, and
 * what is removed meanwhile is not brought back.
 *
 * <p>A storage that others use too, or whose scan failed, is scanned again when somebody asks for
 * the usage and the last scan is old; that also finds what others removed.
 *
 * <p><b>Threads.</b> {@code lmc-recover}, one for each scan, which ends with it; no thread waits
 * while nothing is scanned. The checks complete on the backend's threads.
 *
 * <p><b>Why it cannot hang.</b> It holds no lock while it walks, nobody waits for it but a close,
 * which has a bound, and once the adapter closes it leaves the walk at the next object.
 */
final class Recovery {

  /** Thrown out of a walk that is to end. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("the adapter is closing", null, false, false);
    }
  }

  private record Adopted(ObjectKey key, ObjectIndex.Entry entry, Instant lastModified) {}

  /** The age at which a scan of a shared storage is old; also at least twenty times its length. */
  static final Duration STALE = Duration.ofMinutes(1);

  private static final Logger log = System.getLogger(Recovery.class.getName());
  private static final int KEYS_PER_EVENT = 1000;
  private static final int CHECKS_AT_A_TIME = 1000;

  private final Backend<?> backend;
  private final ObjectIndex index;
  private final KeyGate<Request<?>> gate;
  private final EventDispatcher dispatcher;
  private final L2AdapterContext context;
  private final Clock clock;
  private final boolean exclusive;

  /** Keys to ask about once the walk is over. */
  private final Set<ObjectKey> unsure = ConcurrentHashMap.newKeySet();

  private @Nullable RequestFlow<?> flow;
  private @Nullable AdapterHealth health;
  private @Nullable Thread thread;
  private boolean running;
  private boolean recovering = true;
  private String failure = "";
  private long objects;
  private @Nullable Instant began;
  private @Nullable Instant ended;
  private @Nullable Instant lastGood;
  private volatile boolean stopping;

  Recovery(
      Backend<?> backend,
      ObjectIndex index,
      KeyGate<Request<?>> gate,
      EventDispatcher dispatcher,
      L2AdapterContext context) {
    this.backend = backend;
    this.index = index;
    this.gate = gate;
    this.dispatcher = dispatcher;
    this.context = context;
    this.clock = context.clock();
    this.exclusive = backend.exclusive();
  }

  /**
   * Begins the first scan.
   *
   * @param requests takes the checks
   * @param adapterHealth is told when a scan has failed, or went well again
   * @throws IOException if there is no thread to scan on
   */
  synchronized void start(RequestFlow<?> requests, AdapterHealth adapterHealth) throws IOException {
    flow = requests;
    health = adapterHealth;
    try {
      begin(false);
    } catch (RuntimeException | Error e) {
      throw ThreadFailure.of("the recovery thread", e);
    }
  }

  private synchronized void begin(boolean again) {
    Thread made = context.threads().newThread(() -> scan(again));
    made.setName("lmc-recover");
    index.beginScan();
    running = true;
    began = clock.instant();
    try {
      made.start();
      thread = made;
    } catch (RuntimeException | Error e) {
      running = false;
      index.endScan(false);
      throw e;
    }
  }

  /** Whether what was there at open is still being counted. */
  synchronized boolean recovering() {
    return recovering;
  }

  /** Scans a storage again that others use too, if the last scan is old. Does not wait. */
  void refreshIfStale() {
    synchronized (this) {
      if (running || stopping || !isStale()) {
        return;
      }
      try {
        begin(true);
      } catch (RuntimeException | Error e) {
        began = clock.instant();
        ended = began;
        failure = "the storage could not be scanned again: " + e;
        log.log(Level.WARNING, context.name() + ": " + failure, e);
      }
    }
    tellHealth();
  }

  private void tellHealth() {
    AdapterHealth adapter = health;
    if (adapter != null) {
      adapter.looksDifferent();
    }
  }

  private boolean isStale() {
    boolean mayBeOld = !index.complete() || (!exclusive && context.common().shared());
    if (began == null || ended == null || !mayBeOld) {
      return false;
    }
    Duration length = Duration.between(began, ended);
    Duration age = Duration.between(ended, clock.instant());
    return age.compareTo(STALE) > 0 && age.compareTo(length.multipliedBy(20)) > 0;
  }

  private void scan(boolean again) {
    List<Adopted> adopted = new ArrayList<>();
    Set<ObjectKey> met = again ? new HashSet<>() : Set.of();
    List<ObjectKey> changing = new ArrayList<>();
    try {
      backend.forEach(
          object -> {
            if (stopping) {
              throw new Stopped();
            }
            met(object, adopted, changing);
            if (again) {
              met.add(object.key());
            }
          });
      if (again) {
        index.forEach((key, entry) -> addIfMissing(key, met));
      }
      for (ObjectKey key : changing) {
        // A store that has succeeded since has said all there is to say.
        if (index.get(key) == null || gate.changes(key)) {
          unsure.add(key);
        }
      }
      check(new ArrayList<>(unsure), 0, adopted);
    } catch (Stopped e) {
      ended(adopted, "stopped by the close", false);
    } catch (IOException | RuntimeException | Error e) {
      String why = "the storage could not be scanned: " + StorageErrors.told(e);
      // Of a storage that fails the words are enough; else it is a defect.
      log.log(Level.WARNING, context.name() + ": " + why, e instanceof IOException ? null : e);
      ended(adopted, why, false);
    }
  }

  private void addIfMissing(ObjectKey key, Set<ObjectKey> met) {
    if (!met.contains(key)) {
      unsure.add(key);
    }
  }

  private void met(StoredObject object, List<Adopted> adopted, List<ObjectKey> changing) {
    ObjectKey key = object.key();
    if (gate.changes(key)) {
      changing.add(key);
      return;
    }
    ObjectIndex.Entry known = index.get(key);
    if (known != null) {
      if (known.sizeBytes() != object.sizeBytes()) {
        unsure.add(key);
      }
      return;
    }
    ObjectIndex.Entry entry = index.adopt(key, object.sizeBytes());
    if (entry == null) {
      // Removed since the scan began: this is old news, or it has been put back since.
      unsure.add(key);
    } else {
      adopted.add(new Adopted(key, entry, object.lastModified()));
      synchronized (this) {
        objects++;
      }
    }
  }

  /** Asks about the keys from {@code from} on, some at a time; then the scan is over. */
  private void check(List<ObjectKey> keys, int from, List<Adopted> adopted) {
    RequestFlow<?> requests = flow;
    if (from >= keys.size() || requests == null) {
      ended(adopted, "", true);
      return;
    }
    int to = Math.min(keys.size(), from + CHECKS_AT_A_TIME);
    unused(
        askEach(requests, keys.subList(from, to))
            .whenComplete(
                (failed, e) -> {
                  if (e == null && failed == 0) {
                    checkRest(keys, to, adopted);
                  } else if (stopping) {
                    ended(adopted, "stopped by the close", false);
                  } else {
                    ended(adopted, failed + " keys could not be asked about", false);
                  }
                }));
  }

  /** What it threw nobody else would hear of. */
  private void checkRest(List<ObjectKey> keys, int from, List<Adopted> adopted) {
    try {
      check(keys, from, adopted);
    } catch (RuntimeException | Error e) {
      log.log(Level.WARNING, context.name() + ": the scan could not be ended: " + e, e);
      ended(adopted, "keys could not be asked about: " + e, false);
    }
  }

  /**
   * Asks about keys in their turn, whether a scan is under way or not. Not to be called under a
   * lock.
   */
  void ask(List<ObjectKey> keys) {
    RequestFlow<?> requests = flow;
    if (requests != null) {
      unused(askEach(requests, keys));
    }
  }

  /**
   * One key a request: one that has to wait, as for a store that has no room yet, keeps nobody from
   * the others.
   *
   * @return how many could not be asked about, when all have ended
   */
  private CompletionStage<Integer> askEach(RequestFlow<?> requests, List<ObjectKey> keys) {
    AtomicInteger open = new AtomicInteger(keys.size());
    AtomicInteger failed = new AtomicInteger();
    CompletableFuture<Integer> all = new CompletableFuture<>();
    for (ObjectKey key : keys) {
      unused(
          requests
              .submit(new CheckTask(key, index, gate))
              .whenComplete(
                  (failures, e) -> {
                    failed.addAndGet(e == null ? failures : 1);
                    if (open.decrementAndGet() == 0) {
                      all.complete(failed.get());
                    }
                  }));
    }
    return all;
  }

  private static void unused(Object ignored) {
    // What is chained to the stage ends the scan, whatever happens.
  }

  private void ended(List<Adopted> adopted, String why, boolean everythingFound) {
    adopted.sort(Comparator.comparing(Adopted::lastModified));
    RequestFlow<?> requests = flow;
    for (int from = 0; requests != null && from < adopted.size(); from += KEYS_PER_EVENT) {
      int to = Math.min(adopted.size(), from + KEYS_PER_EVENT);
      List<Adopted> some = adopted.subList(from, to);
      // Held, since whoever is told must not be called under the lock.
      EventDispatcher.Hold told = dispatcher.hold();
      requests.withEffects(() -> announce(some, told));
      told.release();
    }
    index.endScan(everythingFound);
    unsure.clear();
    synchronized (this) {
      failure = everythingFound || stopping ? "" : why;
      running = false;
      recovering = false;
      ended = clock.instant();
      lastGood = everythingFound ? ended : lastGood;
    }
    tellHealth();
  }

  private void announce(List<Adopted> some, EventDispatcher.Hold told) {
    List<ObjectKey> keys = new ArrayList<>(some.size());
    List<Long> sizes = new ArrayList<>(some.size());
    List<Instant> times = new ArrayList<>(some.size());
    for (Adopted one : some) {
      if (index.get(one.key()) == one.entry() && one.entry().announce()) {
        keys.add(one.key());
        sizes.add(one.entry().sizeBytes());
        times.add(one.lastModified());
      }
    }
    told.recovered(keys, sizes, times);
  }

  /** The adapter closes: the walk ends at the next object, and no other begins. */
  synchronized void stop() {
    stopping = true;
  }

  /** The thread of the last scan, if there was one. */
  synchronized List<Thread> threads() {
    return thread == null ? List.of() : List.of(thread);
  }

  /** Degraded while the index does not know all there is, since a scan failed. */
  synchronized Condition condition() {
    return failure.isEmpty() ? Condition.OK : new Condition(Health.DEGRADED, failure);
  }

  /** What an operator wants to know about it. */
  synchronized Map<String, String> details() {
    if (began == null) {
      return Map.of("recovery", "not begun");
    }
    Map<String, String> details = new LinkedHashMap<>();
    Instant last = lastGood;
    details.put(
        "recovery",
        recovering ? "running" : failure.isEmpty() ? "complete" : "incomplete: " + failure);
    details.put("recovered_objects", Long.toString(objects));
    if (!exclusive && last != null) {
      details.put(
          "usage_age_seconds",
          Long.toString(Math.max(0, Duration.between(last, clock.instant()).toSeconds())));
    }
    return details;
  }
}

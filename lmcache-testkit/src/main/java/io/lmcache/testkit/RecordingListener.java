// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what it hears, and what about it cannot be right whatever the test: unequal lists, a
 * key twice, two calls at once, lists that change later.
 *
 * <p>A test can make it throw or wait inside a call. Safe for use by many threads.
 */
final class RecordingListener implements L2AdapterListener {

  private record Kept(String what, List<?> list, List<?> copy) {}

  private final List<Event> events = new ArrayList<>();
  private final List<String> healthChanges = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final List<Kept> kept = new ArrayList<>();
  private final AtomicInteger inside = new AtomicInteger();
  private volatile @Nullable Supplier<AdapterUsage> usage;
  private volatile Consumer<Event> reaction = event -> {};

  /** Whose usage to note with each event. */
  void watch(Supplier<AdapterUsage> adapterUsage) {
    usage = adapterUsage;
  }

  /** What to do inside of each call, for each key, after it was written down: throw, wait, ask. */
  void react(Consumer<Event> newReaction) {
    reaction = newReaction;
  }

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    hear(Event.Kind.STORED, keys, sizes, null, null);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    hear(Event.Kind.RECOVERED, keys, sizes, null, lastModified);
  }

  @Override
  public void accessed(List<ObjectKey> keys) {
    hear(Event.Kind.ACCESSED, keys, null, null, null);
  }

  @Override
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    hear(Event.Kind.REMOVED, keys, sizes, reason, null);
  }

  @Override
  public void healthChanged(Health health, String reason) {
    int others = inside.getAndIncrement();
    try {
      synchronized (this) {
        if (others != 0) {
          violations.add("EVENT-7: healthChanged came while an event was being delivered");
        }
        healthChanges.add(health + " " + reason);
        notifyAll();
      }
    } finally {
      inside.decrementAndGet();
    }
  }

  /** What was said of the adapter's health so far, such as {@code DEGRADED reason}, in order. */
  synchronized List<String> healthChanges() {
    return List.copyOf(healthChanges);
  }

  private void hear(
      Event.Kind kind,
      List<ObjectKey> keys,
      @Nullable List<Long> sizes,
      @Nullable RemovalReason reason,
      @Nullable List<Instant> ages) {
    int others = inside.getAndIncrement();
    try {
      Supplier<AdapterUsage> source = usage;
      AdapterUsage now = source == null ? null : source.get();
      List<Event> heard = new ArrayList<>();
      synchronized (this) {
        if (others != 0) {
          violations.add(
              "EVENT-7: a " + kind + " event came while another was being delivered: " + keys);
        }
        check(kind, keys, sizes, ages);
        for (int i = 0; i < keys.size(); i++) {
          long size = sizes == null || i >= sizes.size() ? -1 : sizes.get(i);
          Instant age = ages == null || i >= ages.size() ? null : ages.get(i);
          heard.add(new Event(kind, keys.get(i), size, reason, age, now));
        }
        events.addAll(heard);
        notifyAll();
      }
      heard.forEach(reaction);
    } finally {
      inside.decrementAndGet();
    }
  }

  private void check(
      Event.Kind kind,
      List<ObjectKey> keys,
      @Nullable List<Long> sizes,
      @Nullable List<Instant> ages) {
    check(!keys.isEmpty(), "EVENT-8: a " + kind + " event names 0 keys");
    Set<ObjectKey> distinct = new HashSet<>(keys);
    check(distinct.size() == keys.size(), "EVENT-8: a " + kind + " event repeats a key: " + keys);
    keep(kind + " keys", keys);
    for (List<?> other : List.of(sizes == null ? keys : sizes, ages == null ? keys : ages)) {
      check(
          other.size() == keys.size(),
          "EVENT-8: a " + kind + " event has " + keys.size() + " keys, but lists " + other);
      keep(kind + " values", other);
    }
  }

  private void keep(String what, List<?> list) {
    kept.add(new Kept(what, list, List.copyOf(list)));
  }

  private void check(boolean holds, String violation) {
    if (!holds) {
      violations.add(violation);
    }
  }

  /** What was wrong whatever the test; each names its rule. */
  synchronized List<String> violations() {
    List<String> all = new ArrayList<>(violations);
    for (Kept list : kept) {
      if (!list.list.equals(list.copy)) {
        all.add(
            "EVENT-8: the " + list.what + " of an event were " + list.copy + ", now " + list.list);
      }
    }
    return all;
  }

  /** Everything heard so far, in order. */
  synchronized List<Event> all() {
    return List.copyOf(events);
  }

  /** What was heard of these keys so far, in order. */
  List<Event> about(Collection<ObjectKey> keys) {
    Set<ObjectKey> wanted = new HashSet<>(keys);
    return all().stream().filter(event -> wanted.contains(event.key())).toList();
  }

  /** What was heard of this key so far, each in short, in order. */
  List<String> summaries(ObjectKey key) {
    return about(Set.of(key)).stream().map(Event::summary).toList();
  }

  /** Waits for an event; false if it has not come within the patience. */
  synchronized boolean await(Predicate<Event> wanted, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (events.stream().noneMatch(wanted)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      try {
        wait(left / 1_000_000 + 1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }
}

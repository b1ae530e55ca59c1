// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What listeners hear, when, and what they can do to an adapter. */
abstract class EventRules {

  private static final int SIZE = 1000;

  /**
   * Stores keys that are new, present, too late and of another size, in requests that mix them:
   * each STORED key is named once for each time, with its size.
   *
   * <p>If this fails, look at keys that end without a write, which are no {@code stored}, and at
   * sizes and keys that do not belong together.
   */
  @Test
  @Rule("EVENT-1")
  void storedNamesStoredKeys(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(objects(a, 0, 6), StoreMode.IF_ABSENT);
    ledger.store(objects(a, 3, 6), StoreMode.IF_ABSENT);
    ledger.tooLate(objects(a, 7, 5));
    ledger.store(Sizes.each(a.keys(6, 4), 50), StoreMode.IF_ABSENT);
    ledger.store(Sizes.each(a.keys(20, 2), 0), StoreMode.IF_ABSENT);
    ledger.assertHeard("EVENT-1");
    assertThat(count(a, "STORED"))
        .as("EVENT-1: stored keys that the listener heard of")
        .isEqualTo(15);
  }

  private static long count(AdapterUnderTest a, String summary) {
    return a.events().about(a.keys(100)).stream()
        .filter(event -> event.summary().startsWith(summary))
        .count();
  }

  /**
   * Deletes keys that are there, absent, too late and pinned, in requests that mix them: each
   * DELETED key is named once, with the size it had last.
   *
   * <p>If this fails, look at keys that are left alone or absent, which are not {@code removed},
   * and at the size after an object was replaced.
   */
  @Test
  @Rule("EVENT-2")
  void removedNamesDeletedKeys(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(objects(a, 0, 8), StoreMode.IF_ABSENT);
    ledger.store(Sizes.each(a.keys(2), 70), StoreMode.IF_ABSENT);
    ledger.tooLate(objects(a, 0, 3));
    try (LookupLease lease = Ops.pin(a, a.keys(7, 1))) {
      assertThat(lease.hit(0)).as("lookup of %s", a.key(7)).isTrue();
      List<ObjectKey> keys = List.of(a.key(0), a.key(30), a.key(7), a.key(3), a.key(1));
      assertThat(Ops.delete(a, keys).outcome(2))
          .as("delete of %s, which is pinned", a.key(7))
          .isEqualTo(a.declines(Feature.DELETE) ? DeleteOutcome.FAILED : DeleteOutcome.PINNED);
      Ops.without(keys, a.key(7)).forEach(ledger::delete);
    }
    ledger.delete(a.keys(0, 6));
    ledger.store(objects(a, 0, 1), StoreMode.IF_ABSENT);
    ledger.delete(a.keys(0, 1));
    ledger.assertHeard("EVENT-2");
    assertThat(count(a, "REMOVED(DELETED)"))
        .as("EVENT-2: deleted keys that the listener heard of")
        .isEqualTo(a.declines(Feature.DELETE) ? 0 : 7);
  }

  /**
   * Replaces objects by larger, smaller and equally large ones, in both modes: the old one is
   * removed first, then the new one stored, each with its own size.
   *
   * <p>If this fails, look at the order of the two events and at where the old size is read: before
   * the new one is written down.
   */
  @Test
  @Rule("EVENT-3")
  void replacedIsRemovedThenStored(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(objects(a, 0, 4), StoreMode.IF_ABSENT);
    ledger.store(Sizes.each(a.keys(0, 5), 2000), StoreMode.IF_ABSENT);
    ledger.store(Sizes.each(a.keys(0, 3), 2000), StoreMode.REPLACE);
    ledger.store(Sizes.each(a.keys(2, 4), 10), StoreMode.REPLACE);
    ledger.assertHeard("EVENT-3");
    assertThat(count(a, "REMOVED(REPLACED)"))
        .as("EVENT-3: replaced objects that the listener heard of")
        .isEqualTo(a.declines(Feature.REPLACE) ? 4 : 10);
  }

  /**
   * Loads keys that are there, absent and of another size, and looks keys up: only LOADED keys are
   * named, each time.
   *
   * <p>If this fails, look at what counts as an access: bytes that arrived, not a lookup, not a
   * store that found its object present. Nothing may be dropped while nothing waits.
   */
  @Test
  @Rule("EVENT-4")
  void accessedNamesLoadedKeys(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(Sizes.each(a.keys(6), SIZE), StoreMode.IF_ABSENT);
    ledger.awaitEvents();
    Map<ObjectKey, Integer> mixed = new LinkedHashMap<>(Sizes.each(a.keys(3), SIZE));
    mixed.putAll(Sizes.each(a.keys(3, 2), SIZE + 1));
    mixed.putAll(Sizes.each(a.keys(6, 2), SIZE));
    ledger.load(mixed);
    ledger.load(Sizes.each(a.keys(0, 1), SIZE));
    Ops.pin(a, a.keys(8)).close();
    ledger.store(Sizes.each(a.keys(6), SIZE), StoreMode.IF_ABSENT);
    ledger.assertHeard("EVENT-4");
    assertThat(count(a, "ACCESSED"))
        .as("EVENT-4: loaded keys that the listener heard of")
        .isEqualTo(4);
  }

  // ---- when it is heard

  /**
   * Stores, replaces and deletes, one after the other; when the listener hears of each, the stage
   * is complete and the usage is the one after it.
   *
   * <p>If this fails, look at the order in which a request ends: first count, then complete the
   * stage, then tell the listener.
   */
  @Test
  @Rule("EVENT-5")
  void stageAndUsageComeFirst(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    L2Adapter adapter = a.adapter();
    for (int i = 0; i < a.scaled(10); i++) {
      ObjectKey key = a.key(i);
      for (int size : List.of(SIZE + i, 2 * SIZE)) {
        StoreRequest store =
            ledger.request(Map.of(key, size), StoreMode.IF_ABSENT, Options.DEFAULT);
        ledger.store(key, size, StoreMode.IF_ABSENT, true);
        ledger.assertUsage(
            "when the listener heard of a store (EVENT-5)",
            usageAtEvent(a, key, "STORED " + size, () -> adapter.store(store)));
      }
      if (ledger.delete(key) == DeleteOutcome.DELETED) {
        ledger.assertUsage(
            "when the listener heard of a delete (EVENT-5)",
            usageAtEvent(
                a,
                key,
                "REMOVED(DELETED) " + 2 * SIZE,
                () -> adapter.delete(DeleteRequest.of(List.of(key)))));
      }
    }
  }

  private interface Submit {
    CompletionStage<?> submit();
  }

  /** What the usage was at an event of this key, whose stage must have been complete. */
  private static AdapterUsage usageAtEvent(
      AdapterUnderTest a, ObjectKey key, String summary, Submit operation) {
    CompletableFuture<CompletionStage<?>> submitted = new CompletableFuture<>();
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    CompletableFuture<AdapterUsage> usage = new CompletableFuture<>();
    Thread submitting = Thread.currentThread();
    a.events()
        .react(
            event -> {
              if (event.key().equals(key) && event.summary().equals(summary)) {
                usage.complete(event.usage());
                // Before the method has returned there is no stage that anybody could look at.
                done.complete(
                    Thread.currentThread() != submitting
                        && a.await("the submitting method", submitted)
                            .toCompletableFuture()
                            .isDone());
              }
            });
    CompletionStage<?> stage = operation.submit();
    submitted.complete(stage);
    a.await("an operation on " + key, stage);
    assertThat(a.await("EVENT-5: the event " + summary + " of " + key, done))
        .as("EVENT-5: whether the stage was complete at the event %s of %s", summary, key)
        .isTrue();
    a.events().react(event -> {});
    return a.await("the usage at the event", usage);
  }

  // ---- what a listener can do

  /**
   * A listener throws, an exception and an error; requests complete, and it hears of what comes
   * next.
   *
   * <p>If this fails, look at what catches what a listener throws: it must be caught around each
   * call, errors included, and logged.
   */
  @Test
  @Rule("EVENT-6")
  void aListenerThatThrowsHearsWhatComesNext(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    for (Throwable thrown :
        List.of(new IllegalStateException("a listener's"), new AssertionError("a listener's"))) {
      a.events().react(event -> rethrow(thrown));
      ledger.store(Sizes.each(a.keys(3), ledger.objects() + 10), StoreMode.IF_ABSENT);
      ledger.load(Sizes.each(a.keys(1), ledger.sizeOf(a.key(0))));
      ledger.delete(a.keys(2, 1));
      ledger.awaitEvents();
    }
    a.events().react(event -> {});
    ledger.store(Sizes.each(a.keys(4, 2), SIZE), StoreMode.IF_ABSENT);
    ledger.assertHeard("EVENT-6");
    ledger.assertUsage("a listener having thrown");
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    throw (Error) thrown;
  }

  /**
   * A listener does not return while requests of every kind are made, also for the key whose event
   * it holds up; they all complete, and what it could not hear meanwhile it hears later, in order.
   *
   * <p>If this fails, look at who calls the listener: nobody who completes stages or takes
   * requests, and nobody who holds a lock of theirs.
   */
  @Test
  @Rule({"EVENT-6", "EVENT-7"})
  void aListenerThatDoesNotReturnDisturbsNoRequest(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ObjectKey first = a.key(0);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(1);
    a.events()
        .react(
            event -> {
              if (event.key().equals(first)) {
                inside.countDown();
                await(goOn, a);
              }
            });
    try {
      ledger.store(first, SIZE, StoreMode.IF_ABSENT);
      assertThat(await(inside, a))
          .as("EVENT-1: the listener hears of the store of %s", first)
          .isTrue();
      Apart.call(
          a,
          "EVENT-6",
          "a caller, while a listener does not return from an event of " + first + ",",
          () -> {
            workBeside(a, ledger, first);
            return ledger.objects();
          });
      assertThat(goOn.getCount()).as("listeners still held up").isEqualTo(1);
      assertThat(a.events().violations()).as("EVENT-7: events while one is delivered").isEmpty();
    } finally {
      goOn.countDown();
    }
    a.awaitEvents();
    assertThat(a.events().summaries(first))
        .as("EVENT-6: what was heard of %s in the end", first)
        .containsExactly("STORED 1000", "REMOVED(REPLACED) 1000", "STORED 1001");
    assertThat(a.events().violations()).as("EVENT-7: what is wrong about the events").isEmpty();
  }

  /** Requests of every kind, of other keys and of the one that the listener heard of. */
  private static void workBeside(AdapterUnderTest a, Ledger ledger, ObjectKey first) {
    for (int round = 0; round < 10; round++) {
      ledger.store(Sizes.each(a.keys(1, 8), SIZE + round), StoreMode.IF_ABSENT);
      Ops.mustLoad(a, a.key(1), 1, SIZE + round);
      ledger.delete(a.keys(5, 6));
    }
    ledger.store(first, SIZE + 1, StoreMode.IF_ABSENT);
    assertThat(Ops.isThere(a, first)).as("EVENT-6: lookup of %s", first).isTrue();
    ledger.assertUsage("while a listener does not return (EVENT-6)");
  }

  /** Waits for a moment longer than a caller that is held up would. */
  private static boolean await(CountDownLatch latch, AdapterUnderTest a) {
    try {
      return latch.await(4 * a.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  // ---- in which order and form

  /**
   * Keys that are stored, replaced and deleted over and over, all at the same time, each operation
   * submitted when the one before is complete: what is heard of a key is in that order, one event
   * at a time.
   *
   * <p>If this fails, look at events that are handed to an executor one by one: it may run them at
   * the same time and in any order, so they need a queue of their own.
   */
  @Test
  @Rule("EVENT-7")
  void eventsOfAKeyAreInOrder(AdapterUnderTest a) {
    L2Adapter adapter = a.adapter();
    Map<ObjectKey, List<String>> expected = new HashMap<>();
    List<CompletionStage<?>> chains = new ArrayList<>();
    for (ObjectKey key : a.keys(8)) {
      List<String> sequence = new ArrayList<>();
      CompletionStage<?> chain = CompletableFuture.completedStage(0);
      int before = -1;
      for (int i = 0; i < a.scaled(30); i++) {
        int size = 10 + i;
        StoreRequest store = Ops.storeOf(a, key, 1, size);
        chain = chain.thenCompose(ignored -> adapter.store(store));
        if (before >= 0) {
          sequence.add("REMOVED(REPLACED) " + before);
        }
        sequence.add("STORED " + size);
        before = size;
        if (i % 3 == 2) {
          chain = chain.thenCompose(ignored -> adapter.delete(DeleteRequest.of(List.of(key))));
          if (!a.declines(Feature.DELETE)) {
            sequence.add("REMOVED(DELETED) " + size);
            before = -1;
          }
        }
      }
      expected.put(key, sequence);
      chains.add(chain);
    }
    chains.forEach(chain -> a.await("a chain of stores and deletes of one key", chain));
    a.awaitEvents();
    expected.forEach(
        (key, sequence) ->
            assertThat(a.events().summaries(key))
                .as("EVENT-7: what was heard of %s, in order", key)
                .isEqualTo(sequence));
    assertThat(a.events().violations()).as("EVENT-7: what is wrong about the events").isEmpty();
  }

  /**
   * Requests of several keys and of every kind; the lists of their events are of one length, name
   * no key twice, and are the same at the end as when they were heard.
   *
   * <p>If this fails, look at lists that are used again for the next event: hand out copies.
   */
  @Test
  @Rule("EVENT-8")
  void listsOfEventsAreWholeAndStay(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    for (int round = 0; round < 4; round++) {
      ledger.store(Sizes.each(a.keys(6 - round), SIZE + round), StoreMode.IF_ABSENT);
      ledger.store(Sizes.each(a.keys(8), SIZE + round), StoreMode.IF_ABSENT);
      ledger.load(Sizes.each(a.keys(8), SIZE + round));
      ledger.load(Sizes.each(a.keys(round, 2), SIZE + round));
      ledger.delete(a.keys(round, 3));
      ledger.awaitEvents();
    }
    // Requests that nothing comes of, and so no event.
    ledger.delete(a.keys(50, 2));
    ledger.load(Sizes.each(a.keys(50, 2), SIZE));
    ledger.tooLate(Sizes.each(a.keys(50, 2), SIZE));
    Ops.hits(a, a.keys(50, 2));
    ledger.awaitEvents();
    assertThat(a.events().violations()).as("EVENT-8: what is wrong about the events").isEmpty();
    ledger.assertHeard("EVENT-8");
    assertThat(count(a, "STORED")).as("EVENT-8: stored keys heard of").isGreaterThan(20);
  }

  /** So many objects from a key on, each of a size of its own. */
  private static Map<ObjectKey, Integer> objects(AdapterUnderTest a, int from, int count) {
    Map<ObjectKey, Integer> objects = new LinkedHashMap<>();
    for (int i = from; i < from + count; i++) {
      objects.put(a.key(i), SIZE + i);
    }
    return objects;
  }
}

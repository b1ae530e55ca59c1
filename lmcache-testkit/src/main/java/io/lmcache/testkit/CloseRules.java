// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Feature;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a close does to requests before it, under way and after it, and what it leaves behind. */
abstract class CloseRules {

  private static final int SIZE = 1200;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  // ---- after close

  /**
   * Requests of every kind to a closed adapter: each key fails with CLOSED, a listing's page too;
   * after reopening the storage is as it was.
   *
   * <p>If this fails, look at whether each kind of request asks first whether the adapter is open,
   * before its workers, its descriptors or its index are touched.
   */
  @Test
  @Rule("CLOSE-1")
  void afterCloseEverythingFailsWithClosed(AdapterUnderTest a) {
    List<ObjectKey> present = a.keys(3);
    List<ObjectKey> absent = a.keys(3, 3);
    Ops.mustStore(a, present, 1, SIZE);
    a.awaitEvents();
    a.close();
    AdapterUsage before = a.adapter().usage();
    ClosedAnswers.assertStoresClosed(a, absent, StoreMode.IF_ABSENT);
    if (!a.declines(Feature.REPLACE)) {
      ClosedAnswers.assertStoresClosed(a, present, StoreMode.REPLACE);
    }
    ClosedAnswers.assertLoadsAndLookupsClosed(a, present);
    ClosedAnswers.assertDeletesAndPagesClosed(a, present);
    assertThat(a.adapter().usage()).as("CLOSE-1: usage() after it").isEqualTo(before);
    assertThat(a.adapter().loans()).as("CLOSE-1: loans() after it").isZero();
    for (ObjectKey key : a.keys(6)) {
      assertThat(a.events().summaries(key))
          .as("CLOSE-1: events of %s", key)
          .isEqualTo(absent.contains(key) ? List.of() : List.of("STORED " + SIZE));
    }
    a.reopen();
    if (!a.declines(Feature.PERSISTENCE)) {
      present.forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
    }
    assertThat(Ops.hits(a, absent))
        .as("CLOSE-1: hits of %s, whose stores came after close", absent)
        .containsOnly(false);
  }

  // ---- close again

  /**
   * The adapter is closed three times one after the other, with several bounds.
   *
   * <p>If this fails, look at what the first close takes away and the second one touches.
   */
  @Test
  @Rule("CLOSE-2")
  void closeMayBeCalledAgain(AdapterUnderTest a) {
    Ops.mustStore(a, a.keys(2), 1, SIZE);
    Background.start(
            a,
            "closer",
            () -> {
              a.close();
              a.adapter().close(Duration.ZERO);
              return a.adapter().close(HOUR);
            })
        .get();
    assertIsClosed("CLOSE-2", a);
  }

  /**
   * Six threads close the adapter at once while stores are under way. Whoever comes back finds it
   * closed and the stores ended.
   *
   * <p>If this fails, look at whether two closes take the same thing down, and at whether the
   * second waits for the first.
   */
  @Test
  @Rule("CLOSE-2")
  void closeMayBeCalledBySeveralThreads(AdapterUnderTest a) {
    List<CompletionStage<StoreResult>> stores = new ArrayList<>();
    for (ObjectKey key : a.keys(60)) {
      stores.add(a.adapter().store(Ops.storeOf(a, key, 1, SIZE)));
    }
    List<Long> undone =
        Background.together(
            a,
            6,
            "closer",
            i -> {
              a.close();
              return stores.stream().filter(s -> !s.toCompletableFuture().isDone()).count();
            });
    assertThat(undone)
        .as("CLOSE-2: stores not complete when each of the closes returned")
        .containsOnly(0L);
    assertIsClosed("CLOSE-2", a);
  }

  /**
   * With the storage held, one thread closes with time enough, a second one too, and a third
   * without any: only that one returns before the storage goes on.
   *
   * <p>If this fails, look at whether a close that is not the first waits for the first one's end,
   * up to its own bound.
   */
  @Test
  @Rule("CLOSE-2")
  void theSecondCloseWaitsForTheFirst(AdapterUnderTest a) {
    Stall stall = a.stall();
    stall.hold();
    CompletionStage<StoreResult> held = a.adapter().store(Ops.storeOf(a, a.key(0), 1, SIZE));
    a.await("an operation inside of the held storage", () -> stall.held() > 0);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger returned = new AtomicInteger();
    Callable<CloseReport> closing =
        () -> {
          begun.incrementAndGet();
          CloseReport report = a.close();
          returned.incrementAndGet();
          return report;
        };
    Background<CloseReport> first = Background.start(a, "the first close", closing);
    List<CompletionStage<LoadResult>> asked = new ArrayList<>();
    a.await("CLOSE-1: a load after a close is CLOSED, 1 key", () -> isRefused(a, asked));
    Background<CloseReport> second = Background.start(a, "the second close", closing);
    a.await("the second close", () -> begun.get() == 2);
    Background.start(a, "CLOSE-2: a close of 20 ms", () -> a.adapter().close(SHORT)).get();
    assertThat(returned.get())
        .as("CLOSE-2: closes with time enough that returned before the storage went on")
        .isZero();
    stall.release();
    first.get();
    second.get();
    assertThat(a.await("the store that was held", held).outcome(0))
        .as("CLOSE-3: store of %s that was held while the adapter closed", a.key(0))
        .isEqualTo(StoreOutcome.STORED);
    assertIsClosed("CLOSE-2", a);
  }

  private static boolean isRefused(AdapterUnderTest a, List<CompletionStage<LoadResult>> asked) {
    ObjectKey key = a.key(1 + asked.size());
    asked.add(a.adapter().load(Ops.loadOf(List.of(key), List.of(a.poisoned(1)))));
    return asked.stream().anyMatch(stage -> stage.toCompletableFuture().isDone());
  }

  private static void assertIsClosed(String rule, AdapterUnderTest a) {
    assertThat(a.adapter().status().health())
        .as("%s: health after close", rule)
        .isEqualTo(Health.CLOSED);
    StoreResult result = Ops.store(a, Ops.storeOf(a, a.key(777), 1, SIZE));
    Ops.assertError(rule + ": a store after close", result.error(0), L2ErrorCode.CLOSED);
  }

  // ---- close with work under way

  /**
   * Hundreds of stores, loads, lookups and deletes are under way when the adapter is closed with
   * time enough. All have ended when close returns, each well or with CLOSED; after reopening, what
   * was acknowledged is there, and what failed with CLOSED was not done.
   *
   * <p>If this fails, look at the order of things in close: no more intake, then wait for what is
   * queued and what runs, then end the workers; and at counting keys, not requests.
   */
  @Test
  @Rule("CLOSE-3")
  void closeEndsWhatIsUnderWay(AdapterUnderTest a) {
    UnderWay work = new UnderWay(a, 0, 100, true).submit();
    CloseReport report = Background.start(a, "closer", a::close).get();
    assertThat(work.open())
        .as("CLOSE-3: of %d keys, not ended when close returned %s", work.keys(), report)
        .isEqualTo(report.inKernel());
    work.assertEnded("CLOSE-3");
    work.assertReport("CLOSE-3", report);
    a.reopen();
    if (!a.declines(Feature.PERSISTENCE)) {
      work.assertKept("CLOSE-3");
    }
  }

  /**
   * The same with a close that does not wait at all: what no worker has begun fails with CLOSED.
   *
   * <p>If this fails, look at requests that are between two queues when they are cancelled, and at
   * what was cancelled and is done all the same.
   */
  @Test
  @Rule("CLOSE-3")
  void closeWithoutWaitingFailsWhatIsQueued(AdapterUnderTest a) {
    UnderWay work = new UnderWay(a, 0, 300, true).submit();
    CloseReport report =
        Background.start(a, "closer", () -> a.adapter().close(Duration.ZERO)).get();
    work.assertEnded("CLOSE-3");
    work.assertReport("CLOSE-3", report);
    a.await("loans() of 0 when all have ended", () -> a.adapter().loans() == 0);
    a.reopen();
    if (!a.declines(Feature.PERSISTENCE)) {
      work.assertKept("CLOSE-3");
    }
  }

  /**
   * The same with the storage held until close has returned, so that most is queued.
   *
   * <p>If this fails, look at what becomes of queued requests, and at counting keys, not requests.
   */
  @Test
  @Rule("CLOSE-3")
  void closeFailsWhatHeldStorageKeepsWaiting(AdapterUnderTest a) {
    UnderWay work = new UnderWay(a, 0, 100, true);
    a.stall().hold();
    work.submit();
    CloseReport report =
        Background.start(a, "closer", () -> a.adapter().close(Duration.ZERO)).get();
    a.stall().release();
    work.assertEnded("CLOSE-3");
    work.assertReport("CLOSE-3", report);
    assertThat(report.failed())
        .as("CLOSE-3: keys that failed of %d that waited: %s", work.keys(), report)
        .isPositive();
    a.await("loans() of 0 when all have ended", () -> a.adapter().loans() == 0);
    a.reopen();
    if (!a.declines(Feature.PERSISTENCE)) {
      work.assertKept("CLOSE-3");
    }
  }

  // ---- close from inside

  /**
   * Close with a bound of an hour from what is chained to a store, a load, a lookup, a delete and a
   * page, with other requests under way.
   *
   * <p>If this fails, look at whether close knows the thread that it is called from: a thread that
   * completes stages must not wait for what it itself has still to do.
   */
  @Test
  @Rule("CLOSE-5")
  void closeMayBeCalledFromWhatIsChained(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    Map<String, Supplier<CompletionStage<?>>> kinds =
        Map.of(
            "store", () -> a.adapter().store(Ops.storeOf(a, key, 1, SIZE)),
            "load", () -> a.adapter().load(Ops.loadOf(List.of(key), List.of(a.poisoned(SIZE)))),
            "lookup", () -> a.adapter().lookup(LookupRequest.of(List.of(key))),
            "delete", () -> a.adapter().delete(DeleteRequest.of(List.of(key))),
            "page", () -> a.adapter().list(ListRequest.first(10)));
    int number = 1;
    for (Map.Entry<String, Supplier<CompletionStage<?>>> kind : kinds.entrySet()) {
      List<ObjectKey> others = a.keys(number, 20);
      number += others.size();
      closeFrom(a, kind.getKey(), kind.getValue(), others);
      a.reopen();
    }
    assertThat(number).as("keys stored around the closes").isEqualTo(101);
  }

  private static void closeFrom(
      AdapterUnderTest a,
      String kind,
      Supplier<CompletionStage<?>> submit,
      List<ObjectKey> others) {
    List<CompletionStage<StoreResult>> stores = new ArrayList<>();
    Function<Object, CloseReport> closing = result -> a.adapter().close(HOUR);
    // On a thread of its own, as a stage that is complete already runs what is chained to it here.
    CompletionStage<CloseReport> closed =
        Background.start(
                a,
                "submitter",
                () -> {
                  CompletionStage<?> stage = submit.get();
                  others.forEach(o -> stores.add(a.adapter().store(Ops.storeOf(a, o, 1, SIZE))));
                  return stage.<CloseReport>thenApply(closing);
                })
            .get();
    a.await("CLOSE-5: a close chained to a " + kind + " beside those of " + others.get(0), closed);
    for (CompletionStage<StoreResult> store : stores) {
      assertStoredOrClosed("CLOSE-5", a.await("a store beside a " + kind, store));
    }
    assertIsClosed("CLOSE-5", a);
  }

  /**
   * Close with a bound of an hour from inside a listener, with stores under way.
   *
   * <p>If this fails, look at whether close waits for its events to be delivered when it is called
   * by the one that delivers them.
   */
  @Test
  @Rule("CLOSE-5")
  void closeMayBeCalledFromAListener(AdapterUnderTest a) {
    CompletableFuture<CloseReport> closed = new CompletableFuture<>();
    a.events()
        .react(
            event -> {
              if (!closed.isDone()) {
                closed.complete(a.adapter().close(HOUR));
              }
            });
    List<CompletionStage<StoreResult>> stores = new ArrayList<>();
    for (ObjectKey key : a.keys(50)) {
      stores.add(a.adapter().store(Ops.storeOf(a, key, 1, SIZE)));
    }
    a.await("CLOSE-5: a close inside of a listener, 50 stores under way,", closed);
    for (CompletionStage<StoreResult> store : stores) {
      assertStoredOrClosed("CLOSE-5", a.await("a store", store));
    }
    assertIsClosed("CLOSE-5", a);
  }

  private static void assertStoredOrClosed(String rule, StoreResult result) {
    if (result.outcome(0) != StoreOutcome.STORED) {
      Ops.assertError(rule + ": a store under way", result.error(0), L2ErrorCode.CLOSED);
    }
  }

  // ---- what is left behind

  /**
   * Another adapter is opened, used in every way and closed, three times over; every thread that
   * was not there before is gone, whoever made it.
   *
   * <p>If this fails, look at pools that are not shut down, at timers, and at threads of a client
   * library that is not closed. What is left is named.
   */
  @Test
  @Rule("CLEAN-1")
  void noThreadIsLeft(AdapterUnderTest a) throws L2ConfigException, IOException {
    Exercise.assertNothingLeft(a, "CLEAN-1", "thread", ProcessWatch::threads);
  }

  /**
   * Another adapter is opened, used in every way and closed, three times over; every descriptor
   * into its directory and every eventfd that was not there before is gone.
   *
   * <p>If this fails, look at paths through the code that return early, such as misses, mismatches
   * and walks that were not finished, and at what the last worker has to close. What is left is
   * named.
   */
  @Test
  @Rule("CLEAN-2")
  void noDescriptorIsLeft(AdapterUnderTest a) throws L2ConfigException, IOException {
    List<Path> root = List.of(a.directory().getParent());
    Exercise.assertNothingLeft(a, "CLEAN-2", "descriptor", () -> ProcessWatch.descriptors(root));
  }
}

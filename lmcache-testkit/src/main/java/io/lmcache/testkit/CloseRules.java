// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a close does to requests before it, under way and after it, and what it leaves behind. */
abstract class CloseRules {

  private static final int SIZE = 1200;
  private static final Duration HOUR = Duration.ofHours(1);

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
    UnderWay work = new UnderWay(a, 0, 100, true).submit();
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
   * Close while the storage holds a load and hundreds of requests wait behind it.
   *
   * <p>If this fails, look at what frees buffers, descriptors and workers in close: not before the
   * storage has let go of them; and at waits in close that have no bound.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldLoadOutlivesClose(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    Ops.mustStore(a, List.of(key), 1, SIZE);
    MemoryObject into = a.poisoned(SIZE);
    LoadResult result =
        HeldClose.close(a, 1, () -> a.adapter().load(Ops.loadOf(List.of(key), List.of(into))));
    assertThat(result.outcome(0))
        .as("CLOSE-4: load of %s that was held over the close; %s", key, result.error(0))
        .isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(into, key, 1);
  }

  /**
   * The same with a held store, which is there after reopening.
   *
   * <p>If this fails, look at what a close takes away from a store that is being written: its
   * temporary file, its buffer, its place in the count.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldStoreOutlivesClose(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    StoreResult result =
        HeldClose.close(a, 1, () -> a.adapter().store(Ops.storeOf(a, key, 1, SIZE)));
    assertThat(result.outcome(0))
        .as("CLOSE-4: store of %s that was held over the close; %s", key, result.error(0))
        .isEqualTo(StoreOutcome.STORED);
    a.reopen();
    if (!a.declines(Feature.PERSISTENCE)) {
      Ops.mustLoad(a, key, 1, SIZE);
    }
  }

  /**
   * The same with a held delete.
   *
   * <p>If this fails, look at requests without buffers: close must not forget them because nothing
   * is lent.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldDeleteOutlivesClose(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    Ops.mustStore(a, List.of(key), 1, SIZE);
    Stall stall = a.stall();
    if (a.declines(Feature.DELETE)) {
      stall.hold();
      DeleteResult result = Ops.delete(a, List.of(key));
      Ops.assertError("a declined delete of " + key, result.error(0), L2ErrorCode.DECLINED);
      stall.release();
      Ops.mustLoad(a, key, 1, SIZE);
      return;
    }
    DeleteResult result =
        HeldClose.close(a, 0, () -> a.adapter().delete(DeleteRequest.of(List.of(key))));
    assertThat(result.outcome(0))
        .as("CLOSE-4: delete of %s that was held over the close; %s", key, result.error(0))
        .isEqualTo(DeleteOutcome.DELETED);
    a.reopen();
    assertThat(Ops.isThere(a, key)).as("CLOSE-4: whether %s is there after it", key).isFalse();
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

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** How requests are taken and how their stages complete. */
abstract class SubmitRules {

  private static final int SIZE = 1000;
  private static final int ROUNDS = 40;
  private static final int MOST_KEYS_TRIED = 300_000;

  // ---- submitting

  /**
   * Submits 165 requests of all kinds while the storage is held, asks for usage, status and loans,
   * and submits again once an operation is inside the storage; then lets go and wants the right
   * outcomes.
   *
   * <p>If this fails, look at what the submitting thread does itself: I/O, a bounded queue that
   * blocks when it is full, a lock that a worker holds during a call to the storage.
   */
  @Test
  @Rule("SUBMIT-1")
  void submittingDoesNotWaitForTheStorage(AdapterUnderTest a) {
    Stall stall = a.stall();
    HeldWork work = new HeldWork(a, ROUNDS);
    stall.hold();
    String rounds = ", " + ROUNDS / 2 + " rounds of requests";
    Apart.call(
        a, "SUBMIT-1", "submitting to held storage" + rounds, () -> work.submit(0, ROUNDS / 2));
    a.await("an operation inside the held storage", () -> stall.held() >= 1);
    Apart.call(a, "SUBMIT-1", "usage() while the storage is held" + rounds, a.adapter()::usage);
    Apart.call(a, "SUBMIT-1", "status() while the storage is held" + rounds, a.adapter()::status);
    Apart.call(a, "SUBMIT-1", "loans() while the storage is held" + rounds, a.adapter()::loans);
    Apart.call(
        a,
        "SUBMIT-1",
        "submitting to held storage" + rounds + " more",
        () -> work.submit(ROUNDS / 2, ROUNDS / 2));
    assertThat(stall.held()).as("operations inside the storage, still held").isPositive();
    stall.release();
    work.assertDone();
  }

  /**
   * Submits one key more than the limits allow, with every kind of request, and as many as they
   * allow with a deadline that has passed, which no adapter does anything about.
   *
   * <p>If this fails, look at whether the number of keys is checked in the submitting method
   * itself, before anything is queued, pinned, lent or counted.
   */
  @Test
  @Rule("SUBMIT-2")
  void tooManyKeysAreRefused(AdapterUnderTest a) {
    int most = a.limits().maxKeysPerRequest();
    Assumptions.assumeTrue(
        most <= MOST_KEYS_TRIED, "the adapter takes " + most + " keys at once, too many to try");
    ObjectKey there = a.key(0);
    Ops.mustStore(a, List.of(there), 1, SIZE);
    List<ObjectKey> keys = a.keys(most + 1);
    AdapterUsage before = a.adapter().usage();
    L2Adapter adapter = a.adapter();
    String many = " of " + keys.size() + " keys, " + most + " being allowed";
    assertRefused("store" + many, () -> adapter.store(emptyObjects(keys)));
    assertRefused("load" + many, () -> adapter.load(emptyBuffers(keys)));
    assertRefused("lookup" + many, () -> adapter.lookup(LookupRequest.of(keys)));
    assertRefused("delete" + many, () -> adapter.delete(DeleteRequest.of(keys)));
    assertThat(adapter.usage())
        .as("SUBMIT-2: usage after requests with too many keys")
        .isEqualTo(before);
    assertThat(adapter.loans()).as("SUBMIT-2: loans of refused requests").isZero();
    assertThat(adapter.status().pinnedKeys()).as("SUBMIT-2: pins of a refused lookup").isZero();
    Ops.mustLoad(a, there, 1, SIZE);
    assertThat(Ops.isThere(a, keys.get(most)))
        .as("SUBMIT-2: lookup of %s of a refused store", keys.get(most))
        .isFalse();
    LookupRequest just = new LookupRequest(keys.subList(0, most), Extent.ALL, true, tooLate(a));
    try (LookupLease lease = a.await("a lookup of as many keys as allowed", adapter.lookup(just))) {
      assertThat(lease.size()).as("keys of a lookup of as many as allowed").isEqualTo(most);
    }
  }

  /**
   * Submits null in place of each kind of request, and then works on.
   *
   * <p>If this fails, look at whether the request is looked at in the submitting method itself, and
   * not only by a worker.
   */
  @Test
  @Rule("SUBMIT-3")
  void nullRequestsAreRefused(AdapterUnderTest a) {
    L2Adapter adapter = a.raw();
    assertNullRefused("store", () -> adapter.store(nothing()));
    assertNullRefused("lookup", () -> adapter.lookup(nothing()));
    assertNullRefused("load", () -> adapter.load(nothing()));
    assertNullRefused("delete", () -> adapter.delete(nothing()));
    assertNullRefused("list", () -> adapter.list(nothing()));
    assertThat(adapter.loans()).as("SUBMIT-3: loans of null requests").isZero();
    Ops.mustStore(a, List.of(a.key(0)), 1, SIZE);
    Ops.mustLoad(a, a.key(0), 1, SIZE);
  }

  // ---- stages

  /**
   * Requests of many keys, every other one there, in a mixed order: one outcome for each, at its
   * place.
   *
   * <p>If this fails, look at how results find their way back to their keys' positions, and at
   * whether keys that end early, such as those already present, are counted as ended.
   */
  @Test
  @Rule("STAGE-1")
  void outcomesAreInTheOrderOfTheKeys(AdapterUnderTest a) {
    int count = Math.min(64, a.limits().maxKeysPerRequest());
    List<ObjectKey> keys = new ArrayList<>(a.keys(count));
    List<ObjectKey> there =
        IntStream.range(0, count).filter(i -> i % 2 == 0).mapToObj(keys::get).toList();
    Collections.shuffle(keys, a.random("order of keys"));
    Ops.mustStore(a, there, 1, SIZE);
    LoadResult load = Ops.load(a, keys, Ops.poisoned(a, count, SIZE));
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, false)) {
      StoreResult store = Ops.store(a, Ops.storeOf(a, keys, 1, SIZE, StoreMode.IF_ABSENT));
      DeleteResult delete = Ops.delete(a, keys);
      assertThat(List.of(load.size(), lease.size(), store.size(), delete.size()))
          .as("STAGE-1: outcomes of a load, a lookup, a store and a delete of %d keys", count)
          .containsOnly(count);
      for (int i = 0; i < count; i++) {
        boolean was = there.contains(keys.get(i));
        assertThat(load.outcome(i))
            .as("STAGE-1: load of %s at %d", keys.get(i), i)
            .isEqualTo(was ? LoadOutcome.LOADED : LoadOutcome.NOT_FOUND);
        assertThat(lease.hit(i)).as("STAGE-1: lookup of %s at %d", keys.get(i), i).isEqualTo(was);
        assertThat(store.outcome(i))
            .as("STAGE-1: store of %s at %d", keys.get(i), i)
            .isEqualTo(was ? StoreOutcome.ALREADY_PRESENT : StoreOutcome.STORED);
        assertThat(delete.outcome(i))
            .as("STAGE-1: delete of %s at %d", keys.get(i), i)
            .isEqualTo(a.declines(Feature.DELETE) ? DeleteOutcome.FAILED : DeleteOutcome.DELETED);
      }
    }
    a.await("a page", a.adapter().list(new ListRequest(a.model(), 10, null)));
  }

  /**
   * Completes, cancels and overwrites a future made from each stage; others who have the stage see
   * the adapter's outcome, and the work is done.
   *
   * <p>If this fails, look at what is handed out: {@code
   * CompletableFuture.minimalCompletionStage()} or {@code copy()} of the adapter's own future, not
   * the future itself.
   */
  @Test
  @Rule("STAGE-2")
  void callersCannotCompleteStages(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    CompletionStage<StoreResult> store =
        meddledWith(a.adapter().store(Ops.storeOf(a, key, 1, SIZE)));
    assertThat(result(a, "STAGE-2: a store of " + key, store).outcome(0))
        .as("STAGE-2: store of %s", key)
        .isEqualTo(StoreOutcome.STORED);
    MemoryObject into = a.poisoned(SIZE);
    CompletionStage<LoadResult> load =
        meddledWith(a.adapter().load(Ops.loadOf(List.of(key), List.of(into))));
    assertThat(result(a, "STAGE-2: a load of " + key, load).outcome(0))
        .as("STAGE-2: load of %s", key)
        .isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(into, key, 1);
    CompletionStage<LookupLease> lookup =
        meddledWith(a.adapter().lookup(LookupRequest.of(List.of(key))));
    try (LookupLease lease = result(a, "STAGE-2: a lookup of " + key, lookup)) {
      assertThat(lease.hit(0)).as("STAGE-2: lookup of %s", key).isTrue();
    }
    CompletionStage<DeleteResult> delete =
        meddledWith(a.adapter().delete(DeleteRequest.of(List.of(key))));
    assertThat(result(a, "STAGE-2: a delete of " + key, delete).size())
        .as("STAGE-2: outcomes of a delete of %s", key)
        .isEqualTo(1);
    result(
        a,
        "STAGE-2: a page of keys of " + a.model(),
        meddledWith(a.adapter().list(new ListRequest(a.model(), 10, null))));
  }

  /** What a later taker of the stage gets. */
  private static <T> T result(AdapterUnderTest a, String what, CompletionStage<T> stage) {
    T result = a.await(what, stage);
    assertThat(result).as("%s: the result that others see", what).isNotNull();
    return result;
  }

  /** Does to a future of the stage whatever a future lets a caller do. */
  private static <T> CompletionStage<T> meddledWith(CompletionStage<T> stage) {
    stage.toCompletableFuture().cancel(true);
    stage.toCompletableFuture().completeExceptionally(new IllegalStateException("a caller's"));
    CompletableFuture<T> mine = stage.toCompletableFuture();
    mine.obtrudeException(new IllegalStateException("a caller's"));
    return stage;
  }

  /**
   * Provokes failures, a deadline that has passed and a closed adapter, with every kind of request:
   * each is an outcome with an error of one line; outcomes that are none have no error.
   *
   * <p>If this fails, look at where exceptions of the storage become errors, at multi-line messages
   * that go into an error's text, and at futures that are completed exceptionally.
   */
  @Test
  @Rule("STAGE-3")
  void failuresAreOutcomes(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(3);
    Ops.mustStore(a, keys.subList(0, 2), 1, SIZE);
    assertNoErrors(a, keys);
    assertErrors(a, keys, tooLate(a), L2ErrorCode.DEADLINE);
    a.close();
    assertErrors(a, keys, Options.DEFAULT, L2ErrorCode.CLOSED);
    Ops.assertError(
        "a page of a closed adapter, keys of " + a.model(),
        a.await("a page", a.adapter().list(new ListRequest(a.model(), 10, null))).error(),
        L2ErrorCode.CLOSED);
  }

  /** Every outcome but FAILED: a third key that is absent, then stored, then deleted. */
  private static void assertNoErrors(AdapterUnderTest a, List<ObjectKey> keys) {
    List<MemoryObject> into = List.of(a.poisoned(SIZE), a.poisoned(SIZE + 1), a.poisoned(SIZE));
    LoadResult load = Ops.load(a, keys, into);
    assertThat(load.keys())
        .as("STAGE-3: a load: there, of another size, absent: %s", keys)
        .allMatch(key -> key.error() == null)
        .extracting(key -> key.outcome())
        .containsExactly(LoadOutcome.LOADED, LoadOutcome.SIZE_MISMATCH, LoadOutcome.NOT_FOUND);
    StoreResult store = Ops.store(a, Ops.storeOf(a, keys, 1, SIZE, StoreMode.IF_ABSENT));
    assertThat(store.keys())
        .as("STAGE-3: a store: twice there, once not: %s", keys)
        .allMatch(key -> key.error() == null)
        .hasSize(3);
    try (LookupLease lease = Ops.pin(a, keys.subList(0, 1))) {
      assertThat(lease.error(0)).as("STAGE-3: error of a hit, %s", keys.get(0)).isNull();
      if (!a.declines(Feature.DELETE)) {
        DeleteResult delete = Ops.delete(a, List.of(keys.get(0), keys.get(2), a.key(9)));
        assertThat(delete.keys())
            .as(
                "STAGE-3: a delete: pinned, there, absent: %s, %s, %s",
                keys.get(0), keys.get(2), a.key(9))
            .allMatch(key -> key.error() == null)
            .extracting(key -> key.outcome())
            .containsExactly(DeleteOutcome.PINNED, DeleteOutcome.DELETED, DeleteOutcome.ABSENT);
      }
    }
    try (LookupLease lease = Ops.lookup(a, List.of(a.key(9)), Extent.ALL, false)) {
      assertThat(lease.error(0)).as("STAGE-3: error of %s, which is absent", a.key(9)).isNull();
    }
  }

  private static void assertErrors(
      AdapterUnderTest a, List<ObjectKey> keys, Options options, L2ErrorCode code) {
    L2Adapter adapter = a.adapter();
    List<StoreItem> items = Ops.storeOf(a, keys, 1, SIZE, StoreMode.IF_ABSENT).items();
    StoreResult store =
        a.await(
            "a store of " + keys,
            adapter.store(new StoreRequest(items, StoreMode.IF_ABSENT, options)));
    List<LoadItem> buffers = Ops.loadOf(keys, Ops.poisoned(a, keys.size(), SIZE)).items();
    LoadResult load = a.await("a load of " + keys, adapter.load(new LoadRequest(buffers, options)));
    DeleteResult delete =
        a.await("a delete of " + keys, adapter.delete(new DeleteRequest(keys, options)));
    LookupRequest request = new LookupRequest(keys, Extent.ALL, true, options);
    try (LookupLease lease = a.await("a lookup of " + keys, adapter.lookup(request))) {
      for (int i = 0; i < keys.size(); i++) {
        assertThat(List.of(store.outcome(i), load.outcome(i), delete.outcome(i)))
            .as("STAGE-3: outcomes of %s where %s is expected", keys.get(i), code)
            .containsExactly(StoreOutcome.FAILED, LoadOutcome.FAILED, DeleteOutcome.FAILED);
        assertThat(lease.hit(i))
            .as("STAGE-3: hit of %s where %s is expected", keys.get(i), code)
            .isFalse();
        Ops.assertError("STAGE-3: a store of " + keys.get(i), store.error(i), code);
        Ops.assertError("STAGE-3: a load of " + keys.get(i), load.error(i), code);
        Ops.assertError("STAGE-3: a lookup of " + keys.get(i), lease.error(i), code);
        boolean declined = a.declines(Feature.DELETE) && code != L2ErrorCode.CLOSED;
        if (!declined) {
          Ops.assertError("STAGE-3: a delete of " + keys.get(i), delete.error(i), code);
        }
      }
    }
  }

  /**
   * A chain of some hundred requests, each submitted by what is chained to the one before.
   *
   * <p>If this fails, look at locks that are held while a stage is completed, and at workers that
   * must not wait for themselves.
   */
  @Test
  @Rule("STAGE-4")
  void continuationsMaySubmit(AdapterUnderTest a) {
    int links = a.scaled(80);
    ObjectKey key = a.key(0);
    L2Adapter adapter = a.adapter();
    List<MemoryObject> buffers = Ops.poisoned(a, 8, SIZE);
    CompletionStage<Integer> chain =
        adapter.store(Ops.storeOf(a, key, 1, SIZE)).thenApply(result -> 0);
    for (int i = 0; i < links; i++) {
      MemoryObject into = buffers.get(i % buffers.size());
      ObjectKey next = a.key(1 + i % 20);
      StoreRequest store = Ops.storeOf(a, next, 1, SIZE);
      chain =
          chain
              .thenCompose(
                  loaded ->
                      adapter
                          .load(Ops.loadOf(List.of(key), List.of(into)))
                          .thenApply(result -> loaded + result.count(LoadOutcome.LOADED)))
              .thenCompose(loaded -> adapter.store(store).thenApply(result -> loaded))
              .thenCompose(
                  loaded ->
                      adapter
                          .lookup(LookupRequest.of(List.of(next)))
                          .thenApply(
                              lease -> {
                                lease.close();
                                return loaded;
                              }))
              .thenCompose(
                  loaded ->
                      adapter.delete(DeleteRequest.of(List.of(next))).thenApply(result -> loaded));
    }
    assertThat(a.await("STAGE-4: the last of a chain of " + links + " requests", chain))
        .as("STAGE-4: objects loaded by what was chained to stages")
        .isEqualTo(links);
    TestMemory.assertHolds(buffers.get(0), key, 1);
  }

  // ---- what the tests above use

  private static Options tooLate(AdapterUnderTest a) {
    return Options.DEFAULT.withDeadline(a.clock().in(Duration.ofSeconds(-1)));
  }

  private static StoreRequest emptyObjects(List<ObjectKey> keys) {
    ByteBuffer memory = ByteBuffer.allocateDirect(0);
    return StoreRequest.of(
        keys.stream().map(key -> new StoreItem(key, MemoryObject.of(memory))).toList());
  }

  private static LoadRequest emptyBuffers(List<ObjectKey> keys) {
    ByteBuffer memory = ByteBuffer.allocateDirect(0);
    return LoadRequest.of(
        keys.stream().map(key -> LoadItem.of(key, MemoryObject.of(memory))).toList());
  }

  private static void assertRefused(String what, Supplier<CompletionStage<?>> submit) {
    assertThatThrownBy(submit::get, "SUBMIT-2: a %s", what)
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertNullRefused(String what, Supplier<CompletionStage<?>> submit) {
    assertThatThrownBy(submit::get, "SUBMIT-3: a %s of null, 0 keys", what)
        .isInstanceOf(NullPointerException.class);
  }

  /** The null that a caller without null checks may pass. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}

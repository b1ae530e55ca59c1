// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose memory it is, when, and how much of it. */
abstract class BufferRules {

  private static final int SIZE = 5000;

  /** Around a byte, a block, a page; and one so large that several threads may read it. */
  private static final List<Integer> SIZES =
      List.of(1, 511, 512, 513, 4095, 4096, 4097, 9 * 1024 * 1024);

  // ---- reading only, and only until completion

  /**
   * Stores objects from memory that may be written and from memory that may not, also where the key
   * is there and where it is replaced; the memory stays as it was.
   *
   * <p>If this fails, look at whether a store needs writable memory, and at whether it swaps,
   * encrypts, compresses or pads in place.
   */
  @Test
  @Rule("BUFFER-1")
  void storesOnlyRead(AdapterUnderTest a) {
    List<Integer> sizes = sizes(a);
    for (int i = 0; i < sizes.size(); i++) {
      ObjectKey key = a.key(i);
      MemoryObject writable = a.filled(key, 1, sizes.get(i));
      MemoryObject readOnly =
          MemoryObject.padded(
              a.filled(key, 1, sizes.get(i)).physical().asReadOnlyBuffer(), sizes.get(i));
      assertStored(
          a, key, i % 2 == 0 ? writable : readOnly, StoreMode.IF_ABSENT, StoreOutcome.STORED);
      assertStored(
          a,
          key,
          i % 2 == 0 ? readOnly : writable,
          StoreMode.IF_ABSENT,
          StoreOutcome.ALREADY_PRESENT);
      assertStored(
          a,
          key,
          writable,
          StoreMode.REPLACE,
          a.declines(Feature.REPLACE) ? StoreOutcome.FAILED : StoreOutcome.STORED);
      Ops.mustLoad(a, key, 1, sizes.get(i));
    }
  }

  private static void assertStored(
      AdapterUnderTest a,
      ObjectKey key,
      MemoryObject object,
      StoreMode mode,
      StoreOutcome outcome) {
    StoreRequest request = request(key, object, mode);
    assertThat(Ops.store(a, request).outcome(0))
        .as(
            "BUFFER-1: %s store of %s, %s%s",
            mode, key, object, object.isReadOnly() ? ", read-only" : "")
        .isEqualTo(outcome);
    assertThat(Pattern.mismatch(object.buffer(), key, 1))
        .as("BUFFER-1: where the memory of %s was written by a store (%s)", key, mode)
        .isEqualTo(-1);
  }

  private static StoreRequest request(ObjectKey key, MemoryObject object, StoreMode mode) {
    return new StoreRequest(List.of(new StoreItem(key, object)), mode, Options.DEFAULT);
  }

  /**
   * Writes into buffers that were stored once their stage is complete, does other work, and loads
   * the objects; then closes, opens and loads them again.
   *
   * <p>If this fails, look at whether a store is complete before its bytes have left the buffer: an
   * object that is kept as a reference, or written behind.
   */
  @Test
  @Rule("BUFFER-2")
  void storedBuffersAreNotReadAfterCompletion(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(8);
    for (ObjectKey key : keys) {
      MemoryObject object = a.filled(key, 1, SIZE);
      assertThat(Ops.store(a, request(key, object, StoreMode.IF_ABSENT)).outcome(0))
          .as("store of %s", key)
          .isEqualTo(StoreOutcome.STORED);
      a.memory().poison(object);
    }
    Ops.mustStore(a, a.keys(20, 4), 1, SIZE);
    keys.forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
    a.reopen();
    for (ObjectKey key : keys) {
      if (a.declines(Feature.PERSISTENCE)) {
        assertThat(Ops.isThere(a, key)).as("PERSISTENCE is declined, lookup of %s", key).isFalse();
      } else {
        Ops.mustLoad(a, key, 1, SIZE);
      }
    }
  }

  /**
   * Writes into buffers of loads once their stage is complete, does other work, closes the adapter,
   * and finds what it wrote: after loads that loaded, and after those that did not.
   *
   * <p>If this fails, look at work that goes on when a key has failed, such as a second try or the
   * rest of a read, and at buffers that are kept for later.
   */
  @Test
  @Rule("BUFFER-2")
  void loadedBuffersAreNotWrittenAfterCompletion(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(8);
    Ops.mustStore(a, keys.subList(0, 6), 1, SIZE);
    List<MemoryObject> into = new ArrayList<>(Ops.poisoned(a, 5, SIZE));
    into.addAll(Ops.poisoned(a, 1, SIZE - 1));
    into.addAll(Ops.poisoned(a, 2, SIZE));
    for (int i = 0; i < keys.size(); i++) {
      assertThat(Ops.load(a, keys.get(i), into.get(i)))
          .as("load of %s", keys.get(i))
          .isEqualTo(
              i < 5
                  ? LoadOutcome.LOADED
                  : i < 6 ? LoadOutcome.SIZE_MISMATCH : LoadOutcome.NOT_FOUND);
      a.memory().poison(into.get(i));
    }
    Ops.mustStore(a, a.keys(20, 4), 1, SIZE);
    a.keys(20, 4).forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
    Ops.delete(a, keys);
    a.close();
    for (int i = 0; i < keys.size(); i++) {
      TestMemory.assertPoisoned(
          into.get(i), "BUFFER-2: after the load of " + keys.get(i) + " was complete");
    }
  }

  // ---- nothing beside an object

  /**
   * Loads objects of sizes around those of blocks and pages into buffers of just that size, cut
   * from larger ones, alone and together; the bytes on both sides stay.
   *
   * <p>If this fails, look at lengths that are rounded up to a block, at direct I/O without a
   * buffer of one's own for the tail, and at use of a buffer's capacity instead of its limit.
   */
  @Test
  @Rule({"BUFFER-3", "BUFFER-5"})
  void loadsWriteNothingBesideTheObject(AdapterUnderTest a) {
    List<Integer> sizes = sizes(a);
    List<ObjectKey> keys = a.keys(sizes.size());
    List<MemoryObject> from = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      from.add(a.filled(keys.get(i), 1, sizes.get(i)));
    }
    StoreResult stored = storeAll(a, keys, from);
    assertThat(stored.count(StoreOutcome.STORED)).as("of %s", sizes).isEqualTo(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      assertUnpaddedLoad(a, keys.subList(i, i + 1), sizes.subList(i, i + 1));
    }
    assertUnpaddedLoad(a, keys, sizes);
  }

  private static void assertUnpaddedLoad(
      AdapterUnderTest a, List<ObjectKey> keys, List<Integer> sizes) {
    List<MemoryObject> into = sizes.stream().map(size -> a.poisonedPadded(size, size)).toList();
    LoadResult loaded = Ops.load(a, keys, into);
    for (int i = 0; i < keys.size(); i++) {
      assertLoaded(a, keys.get(i), into.get(i), loaded.outcome(i), loaded.error(i));
    }
    a.memory().assertCanariesWhole();
  }

  /** Fails unless an object was loaded, or was refused by an adapter that insists on padding. */
  private static void assertLoaded(
      AdapterUnderTest a,
      ObjectKey key,
      MemoryObject into,
      LoadOutcome outcome,
      @Nullable L2Error error) {
    if (mustBeRefused(a, into)) {
      assertRefused("load of " + key, into, error);
      return;
    }
    assertThat(outcome)
        .as("BUFFER-5: load of %s into %s: %s", key, into, error)
        .isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(into, key, 1);
  }

  private static boolean mustBeRefused(AdapterUnderTest a, MemoryObject object) {
    return a.insistsOnPadding() && object.physicalBytes() < a.padded(object.sizeBytes());
  }

  private static void assertRefused(String what, MemoryObject object, @Nullable L2Error error) {
    assertThat(error == null ? null : error.code())
        .as("BUFFER-5: code of the refusal of a %s, %s: %s", what, object, error)
        .isEqualTo(L2ErrorCode.MISALIGNED);
  }

  /**
   * Stores objects of sizes around those of blocks and pages, cut from larger buffers: no byte more
   * is there afterwards, neither by a lookup, nor by the usage, nor for a larger buffer.
   *
   * <p>If this fails, look at lengths that are rounded up to a block when an object is written.
   */
  @Test
  @Rule({"BUFFER-4", "BUFFER-5"})
  void storesTakeNothingBesideTheObject(AdapterUnderTest a) {
    List<Integer> sizes = sizes(a);
    List<ObjectKey> keys = a.keys(sizes.size());
    Ledger ledger = new Ledger(a);
    List<MemoryObject> unpadded = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      unpadded.add(a.filledPadded(keys.get(i), 1, sizes.get(i), sizes.get(i)));
    }
    StoreResult stored = storeAll(a, keys, unpadded);
    for (int i = 0; i < keys.size(); i++) {
      ObjectKey key = keys.get(i);
      int size = sizes.get(i);
      if (mustBeRefused(a, unpadded.get(i))) {
        assertRefused("store of " + key, unpadded.get(i), stored.error(i));
        Ops.mustStore(a, List.of(key), 1, size);
      } else {
        assertThat(stored.outcome(i))
            .as("BUFFER-5: store of %s, %s: %s", key, unpadded.get(i), stored.error(i))
            .isEqualTo(StoreOutcome.STORED);
      }
      ledger.store(key, size, StoreMode.IF_ABSENT, true);
      Sizes.assertLookup(a, "BUFFER-4", key, size);
      int rounded = (size / 512 + 1) * 512;
      for (int larger : List.of(size + 1, rounded, (size / 4096 + 1) * 4096)) {
        assertThat(Ops.load(a, key, a.poisoned(larger)))
            .as("BUFFER-4: load of %s, %d bytes, into %d", key, size, larger)
            .isEqualTo(LoadOutcome.SIZE_MISMATCH);
      }
      Ops.mustLoad(a, key, 1, size);
    }
    ledger.assertUsage("objects of " + sizes + " bytes stored");
    a.memory().assertCanariesWhole();
  }

  private static List<Integer> sizes(AdapterUnderTest a) {
    return Sizes.within(a, SIZES);
  }

  private static StoreResult storeAll(
      AdapterUnderTest a, List<ObjectKey> keys, List<MemoryObject> objects) {
    return Ops.store(
        a,
        StoreRequest.of(
            IntStream.range(0, keys.size())
                .mapToObj(i -> new StoreItem(keys.get(i), objects.get(i)))
                .toList()));
  }

  // ---- padding

  /**
   * Stores objects with padding behind them, of several lengths; their size is their own, and they
   * load into buffers with and without padding, but not into one of the padded length.
   *
   * <p>If this fails, look at where {@code physicalBytes()} is used: it says how much may be
   * touched, never how large the object is. If objects without padding are refused, move them some
   * other way, such as through the page cache.
   */
  @Test
  @Rule("BUFFER-5")
  void paddingIsNoPartOfTheObject(AdapterUnderTest a) {
    assertThat(a.insistsOnPadding() && a.limits().lengthAlignment() == 1)
        .as("BUFFER-5: whether it insists on padding, and wishes for none: %s", a.limits())
        .isFalse();
    List<Integer> sizes = Sizes.within(a, List.of(0, 1, 511, 512, 4095, 4096, 5000));
    Ledger ledger = new Ledger(a);
    for (int i = 0; i < sizes.size(); i++) {
      ObjectKey key = a.key(i);
      int size = sizes.get(i);
      int physical = a.padded((size / 4096 + 1) * 4096);
      MemoryObject object = a.filledPadded(key, 1, size, physical);
      assertThat(Ops.store(a, request(key, object, StoreMode.IF_ABSENT)).outcome(0))
          .as("BUFFER-5: store of %s, %s", key, object)
          .isEqualTo(StoreOutcome.STORED);
      ledger.store(key, size, StoreMode.IF_ABSENT, true);
      ledger.assertUsage("an object of " + object + " stored");
      Sizes.assertLookup(a, "BUFFER-5", key, size);
      Ops.mustLoad(a, key, 1, size);
      for (int room : List.of(size, size + 1, physical, a.padded(physical + 4096))) {
        MemoryObject into = a.poisonedPadded(size, room);
        LoadResult loaded = Ops.load(a, List.of(key), List.of(into));
        assertLoaded(a, key, into, loaded.outcome(0), loaded.error(0));
      }
      assertThat(Ops.load(a, key, a.poisoned(physical)))
          .as("BUFFER-5: load of %s, stored with %s, into the padded length", key, object)
          .isEqualTo(LoadOutcome.SIZE_MISMATCH);
    }
    a.memory().assertCanariesWhole();
  }

  // ---- loans

  /**
   * Stores and loads several keys at once and alone, and finds no loan once each is complete,
   * whatever became of it.
   *
   * <p>If this fails, look at the ways in which a key can end, failures above all: each gives back
   * what was lent, before the stage is complete.
   */
  @Test
  @Rule("BUFFER-6")
  void loansEndWithTheStage(AdapterUnderTest a) {
    Ledger ledger = new Ledger(a);
    ledger.store(Sizes.each(a.keys(4), SIZE), StoreMode.IF_ABSENT);
    assertThat(a.adapter().loans()).as("BUFFER-6: loans after a store").isZero();
    ledger.store(Sizes.each(a.keys(8), SIZE), StoreMode.IF_ABSENT);
    assertThat(a.adapter().loans()).as("BUFFER-6: loans, some present").isZero();
    ledger.load(Sizes.each(a.keys(12), SIZE));
    assertThat(a.adapter().loans()).as("BUFFER-6: loans after a load, some absent").isZero();
    ledger.load(Sizes.each(a.keys(4), SIZE + 1));
    assertThat(a.adapter().loans()).as("BUFFER-6: loans after loads of a wrong size").isZero();
    ledger.tooLate(Sizes.each(a.keys(12), SIZE));
    assertThat(a.adapter().loans()).as("BUFFER-6: loans after stores too late").isZero();
    assertThat(ledger.objects()).as("objects stored").isEqualTo(8);
  }

  /**
   * Holds the storage under 166 requests: the loans are the buffers of stores and loads that are
   * not complete. They stay when a caller's own time-out is over and when it cancels what it waits
   * for.
   *
   * <p>If this fails, look at whether the whole of a request is counted where it is submitted, at
   * whether lookups or deletes are counted too, and at what a caller's future can do to a request.
   */
  @Test
  @Rule("BUFFER-6")
  void loansLastWhileTheStorageIsHeld(AdapterUnderTest a) {
    Stall stall = a.stall();
    HeldWork work = new HeldWork(a, 40);
    List<ObjectKey> keys = a.keys(1000, 3);
    stall.hold();
    CompletionStage<?> stores =
        a.adapter().store(Ops.storeOf(a, keys, 1, SIZE, StoreMode.IF_ABSENT));
    a.await("the stores inside the held storage", () -> stall.held() >= 1);
    Apart.call(a, "SUBMIT-1", "submitting to held storage", () -> work.submit(0, 40));
    Apart.call(a, "SUBMIT-1", "loans() while the storage is held", a.adapter()::loans);
    awaitLoans(a, work, stores);
    CompletableFuture<?> impatient = stores.toCompletableFuture();
    assertThatThrownBy(
            () -> impatient.orTimeout(1, TimeUnit.MILLISECONDS).get(),
            "BUFFER-6: what a caller gets whose own time-out is over")
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TimeoutException.class);
    stores.toCompletableFuture().cancel(true);
    assertThat(stores.toCompletableFuture().isDone())
        .as("BUFFER-6: whether a store into held storage is complete, its caller having given up")
        .isFalse();
    awaitLoans(a, work, stores);
    assertThat(a.adapter().loans()).as("BUFFER-6: loans of a store under way").isPositive();
    stall.release();
    a.await("the stores whose caller has given up", stores);
    work.assertDone();
    assertThat(a.adapter().loans()).as("BUFFER-6: loans when all is complete").isZero();
    keys.forEach(key -> Ops.mustLoad(a, key, 1, SIZE));
  }

  /** Waits, since what need not reach the storage may still complete. */
  private static void awaitLoans(AdapterUnderTest a, HeldWork work, CompletionStage<?> stores) {
    IntSupplier lent = () -> work.lent() + (stores.toCompletableFuture().isDone() ? 0 : 3);
    Waiting.until(() -> a.adapter().loans() == lent.getAsInt(), a.patience());
    assertThat(a.adapter().loans())
        .as("BUFFER-6: loans, against buffers of stores and loads that are not complete")
        .isEqualTo(lent.getAsInt());
  }
}

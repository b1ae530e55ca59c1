// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.awaitUntil;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.load;
import static io.lmcache.adapter.Requests.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A scan and an operation meet at one key: no object is forgotten, none is made up. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RecoveryRaceTest {

  private static final int SIZE = 100;

  private ScannedAdapter scanned = new ScannedAdapter(true);
  private BlockingL2Adapter adapter;

  /** A call that waits, and may fail then. */
  private static final class Held implements MemoryStorage.Trap {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch latch = new CountDownLatch(1);
    private final String failure;

    Held(String failure) {
      this.failure = failure;
    }

    @Override
    public void spring() throws IOException {
      if (begun.getCount() == 0) {
        return;
      }
      begun.countDown();
      Requests.await(latch);
      if (!failure.isEmpty()) {
        throw new IOException(failure);
      }
    }
  }

  @BeforeEach
  void open() throws IOException {
    for (int n = 0; n < 10; n++) {
      scanned.had(key(n), SIZE);
    }
    adapter = scanned.open(2);
  }

  @AfterEach
  void close() {
    scanned.close(adapter);
  }

  /** The next call of the key waits. */
  private Held hold(int n, String failure) {
    Held held = new Held(failure);
    scanned.storage.traps.put(key(n), held);
    return held;
  }

  private void endAndCheck(int objects) {
    scanned.endScan(adapter);
    assertThat(scanned.storage.walks).hasValue(1);
    assertThat(scanned.storage.objects).hasSize(objects);
    scanned.checkAgreement(adapter, Requests.keys(12));
  }

  private static StoreRequest replacing(int n, int size) {
    return Requests.storeRequest(List.of(key(n)), size, StoreMode.REPLACE);
  }

  @Test
  void aDeleteBeforeTheScanMeetsTheKey() {
    scanned.walk.awaitAt(key(3));
    assertThat(await(delete(adapter, List.of(key(5)))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    endAndCheck(9);
  }

  @Test
  void aDeleteAfterTheScanMetTheKey() {
    scanned.walk.awaitAt(key(7));
    assertThat(await(delete(adapter, List.of(key(5)))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    endAndCheck(9);
  }

  @Test
  void aDeleteWhileTheScanHasTheKeyInItsHand() {
    scanned.walk.awaitAt(key(5));
    assertThat(await(delete(adapter, List.of(key(5)))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    endAndCheck(9);
  }

  @Test
  void aDeleteThatTheScanPassesAndOneThatFails() {
    Held well = hold(5, "");
    Held badly = hold(6, "planned");
    scanned.walk.awaitAt(key(5));
    CompletionStage<DeleteResult> deleted = delete(adapter, List.of(key(5)));
    CompletionStage<DeleteResult> failed = delete(adapter, List.of(key(6)));
    Requests.await(well.begun);
    Requests.await(badly.begun);
    scanned.walk.awaitAt(key(8));
    assertThat(adapter.usage().storedObjects()).isEqualTo(6);
    well.latch.countDown();
    badly.latch.countDown();
    assertThat(await(deleted).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    assertThat(await(failed).outcome(0)).isEqualTo(DeleteOutcome.FAILED);
    endAndCheck(9);
    assertThat(scanned.storage.calls).filteredOn(call -> call.startsWith("stat")).hasSize(2);
  }

  @Test
  void aStoreThatTheScanPassesAndThatFailsLeavesTheOldObject() {
    Held held = hold(5, "planned");
    scanned.walk.awaitAt(key(5));
    CompletionStage<StoreResult> stored = adapter.store(replacing(5, 7));
    Requests.await(held.begun);
    scanned.walk.awaitAt(key(6));
    held.latch.countDown();
    assertThat(await(stored).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    endAndCheck(10);
    assertThat(scanned.storage.objects.get(key(5))).hasSize(SIZE);
  }

  @Test
  void aStoreOfAnotherSizeThatTheScanPasses() {
    Held held = hold(5, "");
    scanned.walk.awaitAt(key(5));
    CompletionStage<StoreResult> stored = adapter.store(replacing(5, 7));
    Requests.await(held.begun);
    scanned.walk.awaitAt(key(6));
    held.latch.countDown();
    assertThat(await(stored).outcome(0)).isEqualTo(StoreOutcome.STORED);
    endAndCheck(10);
    assertThat(scanned.storage.objects.get(key(5))).hasSize(7);
  }

  @Test
  void aStoreOfAnotherSizeWhileTheScanHasTheKeyInItsHand() {
    scanned.walk.awaitAt(key(5));
    await(adapter.store(replacing(5, 7)));
    await(adapter.store(replacing(2, 8)));
    await(store(adapter, List.of(key(11)), 9));
    endAndCheck(11);
  }

  @Test
  void aStoreAndADeleteWhileTheScanHasTheKeyInItsHand() {
    scanned.walk.awaitAt(key(5));
    await(delete(adapter, List.of(key(5))));
    await(store(adapter, List.of(key(5)), SIZE));
    endAndCheck(10);
  }

  @Test
  void aLoadThatFindsDamageAfterTheScanMetTheKey() {
    Held held = hold(5, "");
    scanned.storage.damaged.add(key(5));
    scanned.walk.awaitAt(key(3));
    CompletionStage<LoadResult> loaded = load(adapter, List.of(key(5)), SIZE);
    Requests.await(held.begun);
    scanned.walk.awaitAt(key(7));
    assertThat(adapter.usage().storedObjects()).isEqualTo(7);
    held.latch.countDown();
    assertThat(await(loaded).outcome(0)).isEqualTo(LoadOutcome.CORRUPT);
    endAndCheck(9);
  }

  @Test
  void aLoadThatFindsDamageAfterTheScanHasEnded() {
    Held held = hold(5, "");
    scanned.storage.damaged.add(key(5));
    scanned.walk.awaitAt(key(3));
    CompletionStage<LoadResult> loaded = load(adapter, List.of(key(5)), SIZE);
    Requests.await(held.begun);
    scanned.endScan(adapter);
    assertThat(adapter.usage().storedObjects()).isEqualTo(10);
    held.latch.countDown();
    assertThat(await(loaded).outcome(0)).isEqualTo(LoadOutcome.CORRUPT);
    endAndCheck(9);
  }

  @Test
  void aLoadThatFindsDamageWhileTheScanHasTheKeyInItsHand() {
    scanned.storage.damaged.add(key(5));
    scanned.walk.awaitAt(key(5));
    assertThat(await(load(adapter, List.of(key(5)), SIZE)).outcome(0))
        .isEqualTo(LoadOutcome.CORRUPT);
    endAndCheck(9);
  }

  @Test
  void aLoadThatFindsNothingAfterTheScanMetTheKey() {
    Held held = hold(5, "");
    scanned.walk.awaitAt(key(3));
    CompletionStage<LoadResult> loaded = load(adapter, List.of(key(5)), SIZE);
    Requests.await(held.begun);
    scanned.walk.awaitAt(key(7));
    await(delete(adapter, List.of(key(5))));
    held.latch.countDown();
    assertThat(await(loaded).outcome(0)).isEqualTo(LoadOutcome.NOT_FOUND);
    endAndCheck(9);
  }

  /** Somebody else removes it, so no delete of ours tells the index. */
  @Test
  void aLoadThatFindsNothingOfWhatAStrangerRemovedOnceTheScanHasMetIt() {
    Held held = hold(5, "");
    scanned.walk.awaitAt(key(3));
    CompletionStage<LoadResult> loaded = load(adapter, List.of(key(5)), SIZE);
    Requests.await(held.begun);
    scanned.walk.awaitAt(key(7));
    scanned.storage.objects.remove(key(5));
    held.latch.countDown();
    assertThat(await(loaded).outcome(0)).isEqualTo(LoadOutcome.NOT_FOUND);
    endAndCheck(9);
  }

  /** The scan has it in its hand when the load is told that it is gone. */
  @Test
  void aLoadThatFindsNothingOfWhatTheScanIsAboutToWriteDown() {
    scanned.walk.awaitAt(key(5));
    scanned.storage.objects.remove(key(5));
    assertThat(await(load(adapter, List.of(key(5)), SIZE)).outcome(0))
        .isEqualTo(LoadOutcome.NOT_FOUND);
    endAndCheck(9);
  }

  /** A storage that breaks its word: it fails to replace, and has lost what was there. */
  @Test
  void aReplacementThatFailsAndTakesTheOldObjectWithIt() {
    scanned.endScan(adapter);
    scanned.storage.traps.put(
        key(4),
        () -> {
          scanned.storage.traps.remove(key(4));
          scanned.storage.objects.remove(key(4));
          throw new IOException("planned");
        });
    assertThat(await(adapter.store(replacing(4, 7))).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    endAndCheck(9);
  }

  /** Upstream pads: the size of the file is asked for once and not at every load. */
  @Test
  void aPaddedObjectIsAskedAboutOnce() {
    scanned.endScan(adapter);
    scanned.had(key(4), 1024);
    scanned.storage.padded = true;
    for (int i = 0; i < 5; i++) {
      assertThat(await(load(adapter, List.of(key(4)), 1000)).outcome(0))
          .isEqualTo(LoadOutcome.LOADED);
      Requests.waitFor(() -> adapter.usage().storedBytes() == 9 * SIZE + 1024);
    }
    assertThat(scanned.storage.calls)
        .filteredOn(("stat " + key(4).chunkHashHex())::equals)
        .hasSize(1);
    endAndCheck(10);
  }

  @Test
  void aLoadWhoseAnswerComesAfterADeleteOfTheKey() {
    Held held = hold(6, "");
    scanned.walk.awaitAt(key(3));
    CompletionStage<LoadResult> loaded = load(adapter, List.of(key(5), key(6)), SIZE);
    Requests.await(held.begun);
    // The other worker does this after the load of the first key, which ends with the second.
    assertThat(await(delete(adapter, List.of(key(5)))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    held.latch.countDown();
    assertThat(await(loaded).count(LoadOutcome.LOADED)).isEqualTo(2);
    endAndCheck(9);
  }

  @Test
  void aDamagedObjectWhoseCheckIsUnderWay() {
    Held store = hold(5, "planned");
    scanned.walk.awaitAt(key(5));
    CompletionStage<StoreResult> stored = adapter.store(replacing(5, 7));
    Requests.await(store.begun);
    scanned.walk.awaitAt(key(6));
    Held other = hold(6, "planned");
    CompletionStage<StoreResult> otherStored = adapter.store(replacing(6, 7));
    Requests.await(other.begun);
    scanned.walk.awaitAt(key(9));
    store.latch.countDown();
    assertThat(await(stored).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    scanned.walk.goOn();
    // The check of two keys has asked about the first, and waits for the second's turn.
    awaitUntil(() -> scanned.storage.calls.contains("stat 00000005"));
    scanned.storage.damaged.add(key(5));
    assertThat(await(load(adapter, List.of(key(5)), SIZE)).outcome(0))
        .isEqualTo(LoadOutcome.CORRUPT);
    other.latch.countDown();
    assertThat(await(otherStored).outcome(0)).isEqualTo(StoreOutcome.FAILED);
    endAndCheck(9);
  }

  @Test
  void checksKeepToTheStoragesLimits() throws IOException {
    close();
    scanned = new ScannedAdapter(true, new AdapterLimits(1000, 2, 1000, 1, 1, Set.of()));
    open();
    List<Held> stores = IntStream.rangeClosed(1, 5).mapToObj(n -> hold(n, "planned")).toList();
    scanned.walk.awaitAt(key(1));
    List<CompletionStage<StoreResult>> stored =
        IntStream.rangeClosed(1, 5).mapToObj(n -> adapter.store(replacing(n, 7 + n))).toList();
    Requests.await(stores.get(0).begun);
    Requests.await(stores.get(1).begun);
    scanned.walk.awaitAt(key(9));
    stores.forEach(store -> store.latch.countDown());
    stored.forEach(stage -> assertThat(await(stage).outcome(0)).isEqualTo(StoreOutcome.FAILED));
    endScanOfManyChecks();
  }

  /** Nothing is left to ask of a key whose store has succeeded since the scan met it. */
  @Test
  void aStoreThatSucceedsIsNotAskedAbout() {
    Held store = hold(5, "");
    scanned.walk.awaitAt(key(5));
    CompletionStage<StoreResult> stored = adapter.store(replacing(5, 7));
    Requests.await(store.begun);
    scanned.walk.awaitAt(key(7));
    store.latch.countDown();
    assertThat(await(stored).outcome(0)).isEqualTo(StoreOutcome.STORED);
    scanned.endScan(adapter);
    assertThat(scanned.storage.calls).noneMatch(call -> call.startsWith("stat"));
    endAndCheck(10);
  }

  private void endScanOfManyChecks() {
    scanned.endScan(adapter);
    assertThat(scanned.storage.calls).filteredOn(call -> call.startsWith("stat")).hasSize(5);
    assertThat(adapter.status().details()).containsEntry("recovery", "complete");
    for (int n = 0; n < 12; n += 2) {
      List<ObjectKey> two = List.of(key(n), key(n + 1));
      LookupLease lease =
          await(adapter.lookup(new LookupRequest(two, Extent.ALL, false, Options.DEFAULT)));
      assertThat(List.of(lease.hit(0), lease.hit(1))).containsExactly(n < 10, n < 10);
    }
    assertThat(adapter.usage().storedBytes()).isEqualTo(10 * SIZE);
  }
}

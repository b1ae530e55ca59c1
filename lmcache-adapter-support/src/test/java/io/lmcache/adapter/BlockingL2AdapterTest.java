// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.load;
import static io.lmcache.adapter.Requests.store;
import static io.lmcache.adapter.Requests.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of requests over a storage with blocking calls. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class BlockingL2AdapterTest {

  private static final int SIZE = 100;

  private final TestContext context = new TestContext();
  private MemoryStorage storage = new MemoryStorage();
  private BlockingL2Adapter adapter;

  @BeforeEach
  void open() throws IOException {
    adapter = BlockingL2Adapter.open(storage, 2, 0, context);
    // What a scan meets while it is being stored is asked about, and lookups wait for the answer.
    Requests.waitFor(() -> !adapter.usage().recovering());
  }

  private void openAnother(MemoryStorage other) throws IOException {
    close();
    storage = other;
    open();
  }

  @AfterEach
  void close() {
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    adapter.close();
    assertThat(context.liveThreads()).isEmpty();
    assertThat(storage.closed).hasValue(1);
  }

  @Test
  void bytesComeBackAndEveryChangeIsCountedAndTold() throws Exception {
    List<ObjectKey> keys = Requests.keys(20);
    assertThat(await(store(adapter, keys, SIZE)).count(StoreOutcome.STORED)).isEqualTo(20);
    assertThat(context.takeEvents(1))
        .containsExactly("stored " + keys + " " + Collections.nCopies(20, (long) SIZE));
    assertThat(await(store(adapter, keys, SIZE)).count(StoreOutcome.ALREADY_PRESENT)).isEqualTo(20);
    assertThat(await(load(adapter, keys, SIZE)).count(LoadOutcome.LOADED)).isEqualTo(20);
    assertThat(context.takeEvents(1)).containsExactly("accessed " + keys);
    assertThat(adapter.usage().storedBytes()).isEqualTo(20L * SIZE);
    LookupLease lease = await(adapter.lookup(LookupRequest.of(keys.subList(0, 1))));
    assertThat(lease.get(0).sizeBytes()).isEqualTo(SIZE);
    DeleteResult deleted = await(delete(adapter, keys.subList(0, 2)));
    assertThat(List.of(deleted.outcome(0), deleted.outcome(1)))
        .containsExactly(DeleteOutcome.PINNED, DeleteOutcome.DELETED);
    assertThat(context.takeEvents(1)).containsExactly("removed [" + key(1) + "] [100] DELETED");
    lease.close();
    assertThat(await(store(adapter, List.of(key(2)), SIZE + 1)).outcome(0))
        .isEqualTo(StoreOutcome.STORED);
    assertThat(context.takeEvents(2))
        .containsExactly(
            "removed [" + key(2) + "] [100] REPLACED", "stored [" + key(2) + "] [101]");
    assertThat(adapter.usage().storedObjects()).isEqualTo(19);
  }

  @Test
  void whatIsThereIsRecoveredOldestFirst() throws Exception {
    MemoryStorage used = new MemoryStorage();
    used.objects.put(key(1), new byte[7]);
    openAnother(used);
    assertThat(context.takeEvents(1)).containsExactly("recovered [" + key(1) + "] [7]");
    assertThat(adapter.usage().storedBytes()).isEqualTo(7);
  }

  @Test
  void aPrefixEndsAtTheFirstMiss() throws Exception {
    await(store(adapter, List.of(key(0), key(2)), SIZE));
    LookupLease lease =
        await(
            adapter.lookup(
                new LookupRequest(Requests.keys(3), Extent.PREFIX, true, Options.DEFAULT)));
    assertThat(List.of(lease.hit(0), lease.hit(1), lease.hit(2)))
        .containsExactly(true, false, false);
    assertThat(adapter.status().pinnedKeys()).isEqualTo(1);
    lease.close();
  }

  @Test
  void whatLoadsFindGoneOrDamagedIsTold() throws Exception {
    await(store(adapter, Requests.keys(3), SIZE));
    context.takeEvents(1);
    storage.objects.remove(key(0));
    storage.damaged.add(key(1));
    var result = await(load(adapter, Requests.keys(3), SIZE));
    assertThat(result.keys())
        .extracting(r -> r.outcome())
        .containsExactly(LoadOutcome.NOT_FOUND, LoadOutcome.CORRUPT, LoadOutcome.LOADED);
    assertThat(context.takeEvents(3))
        .containsExactly(
            "removed [" + key(0) + "] [100] GONE",
            "removed [" + key(1) + "] [100] CORRUPT",
            "accessed [" + key(2) + "]");
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
    assertThat(await(load(adapter, List.of(key(2)), SIZE + 1)).outcome(0))
        .isEqualTo(LoadOutcome.SIZE_MISMATCH);
  }

  private L2Error errorOf(MemoryStorage.Trap trap) {
    storage.traps.put(key(1), trap);
    StoreResult result = await(store(adapter, Requests.keys(3), SIZE));
    assertThat(result.outcome(1)).isEqualTo(StoreOutcome.FAILED);
    assertThat(result.count(StoreOutcome.FAILED)).as("the others are unharmed").isEqualTo(1);
    return why(result.error(1));
  }

  @Test
  void everyExceptionIsThatKeysErrorAndNothingElse() throws Exception {
    L2Error planned = L2Error.of(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "full");
    assertThat(errorOf(MemoryStorage.failing(new StorageException(planned)))).isEqualTo(planned);
    L2Error io = errorOf(MemoryStorage.failing(new IOException("broken")));
    assertThat(io.text()).isEqualTo("stat " + key(1) + ": broken");
    assertThat(List.<Object>of(io.code(), io.retry())).containsExactly(L2ErrorCode.IO, Retry.LATER);
    L2Error lines = errorOf(MemoryStorage.failing(new IOException("first\n  second\n")));
    assertThat(lines.text()).endsWith(": first; second");
    L2Error full = errorOf(MemoryStorage.failing(new IOException("No space left on device")));
    assertThat(List.<Object>of(full.code(), full.retry(), full.nativeCode()))
        .containsExactly(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "ENOSPC");
    String words = "No space left on device";
    assertThat(errorOf(MemoryStorage.failing(new FileSystemException("/x", null, words))).code())
        .isEqualTo(L2ErrorCode.NO_SPACE);
    assertThat(errorOf(MemoryStorage.failing(new FileSystemException(words, null, "EIO"))).code())
        .as("a path that holds the words")
        .isEqualTo(L2ErrorCode.IO);
    L2Error denied = errorOf(MemoryStorage.failing(new AccessDeniedException("/x")));
    assertThat(denied.code()).isEqualTo(L2ErrorCode.ACCESS);
    for (MemoryStorage.Trap defect :
        List.<MemoryStorage.Trap>of(
            MemoryStorage.failing(new IllegalStateException("a defect")),
            MemoryStorage.failing(new StackOverflowError("planned")))) {
      assertThat(errorOf(defect).code()).isEqualTo(L2ErrorCode.INTERNAL);
    }
    storage.traps.clear();
    assertThat(await(store(adapter, Requests.keys(3), SIZE)).count(StoreOutcome.FAILED)).isZero();
  }

  @Test
  void limitsHoldBeforeTheStorageIsCalled() throws Exception {
    int keyBytes = key(0).toString().length();
    openAnother(new MemoryStorage(new AdapterLimits(SIZE, 3, keyBytes, 1, 1, Set.of())));
    ObjectKey longer = ObjectKey.of(new byte[20], "org/model", 0);
    StoreResult result =
        await(
            adapter.store(
                StoreRequest.of(
                    List.of(
                        new StoreItem(key(0), Requests.filled(key(0), SIZE)),
                        new StoreItem(key(1), Requests.filled(key(1), SIZE + 1)),
                        new StoreItem(longer, Requests.filled(longer, SIZE))))));
    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(why(result.error(1)).code()).isEqualTo(L2ErrorCode.TOO_LARGE);
    assertThat(why(result.error(2)).code()).isEqualTo(L2ErrorCode.UNSUPPORTED_KEY);
    LookupLease lease = await(adapter.lookup(LookupRequest.of(List.of(longer))));
    assertThat(why(lease.error(0)).code()).isEqualTo(L2ErrorCode.UNSUPPORTED_KEY);
    lease.close();
    assertThat(storage.calls).hasSize(2);
    assertThatThrownBy(() -> load(adapter, Requests.keys(4), SIZE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsDeclinedIsRefused() throws Exception {
    Set<Feature> declined = Set.of(Feature.DELETE, Feature.LIST, Feature.REPLACE);
    openAnother(new MemoryStorage(new AdapterLimits(SIZE, 9, 999, 1, 1, declined)));
    assertThat(why(await(delete(adapter, Requests.keys(1))).error(0)).code())
        .isEqualTo(L2ErrorCode.DECLINED);
    StoreRequest replace = Requests.storeRequest(Requests.keys(1), SIZE, StoreMode.REPLACE);
    assertThat(why(await(adapter.store(replace)).error(0)).code()).isEqualTo(L2ErrorCode.DECLINED);
    assertThat(why(await(adapter.list(ListRequest.first(1))).error()).code())
        .isEqualTo(L2ErrorCode.DECLINED);
    assertThat(storage.calls).isEmpty();
  }

  @Test
  void misuseIsAnExceptionAtSubmitAndLeavesNothingBehind() throws Exception {
    assertThatNullPointerException().isThrownBy(() -> adapter.store(Requests.nothing()));
    assertThatNullPointerException().isThrownBy(() -> adapter.lookup(Requests.nothing()));
    assertThatNullPointerException().isThrownBy(() -> adapter.load(Requests.nothing()));
    assertThatNullPointerException().isThrownBy(() -> adapter.delete(Requests.nothing()));
    assertThatNullPointerException().isThrownBy(() -> adapter.list(Requests.nothing()));
    StoreRequest noObject = StoreRequest.of(List.of(new StoreItem(key(0), Requests.nothing())));
    assertThatNullPointerException().isThrownBy(() -> adapter.store(noObject));
    assertThatThrownBy(() -> adapter.list(new ListRequest(null, 1, "not a cursor")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listsInPagesAndFailsAPageAlone() throws Exception {
    await(store(adapter, Requests.keys(25), SIZE));
    List<ObjectKey> seen = new ArrayList<>();
    for (ListRequest request = ListRequest.first(10); request != null; ) {
      KeyPage page = await(adapter.list(request));
      page.entries().forEach(entry -> seen.add(entry.key()));
      request = request.after(page);
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(Requests.keys(25));
    storage.walkTrap = MemoryStorage.failing(new IOException("gone"));
    assertThat(why(await(adapter.list(ListRequest.first(1))).error()).text())
        .isEqualTo("list: gone");
    storage.walkTrap = null;
    assertThat(await(adapter.list(ListRequest.first(1))).entries()).hasSize(1);
  }

  @Test
  void aLookupThatSeesAStoreBeforeItIsCountedTellsNothing() throws Exception {
    ObjectKey key = key(1);
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch published = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    storage.traps.put(
        key,
        () -> {
          // The first call is the store's stat, the second its put.
          if (calls.getAndIncrement() == 1) {
            storage.objects.put(key, new byte[SIZE]);
            published.countDown();
            Requests.await(goOn);
          }
        });
    CompletionStage<StoreResult> stage = store(adapter, List.of(key), SIZE);
    Requests.await(published);
    try (LookupLease lease = await(adapter.lookup(LookupRequest.of(List.of(key))))) {
      assertThat(lease.hit(0)).isTrue();
    }
    goOn.countDown();
    assertThat(await(stage).outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(context.takeEvents(1)).containsExactly("stored [" + key + "] [" + SIZE + "]");
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
  }

  @Test
  void aLoadThatMeetsADeleteLeavesItToTellOfTheEnd() throws Exception {
    List<ObjectKey> keys = Requests.keys(3000);
    await(store(adapter, keys, SIZE));
    context.takeEvents(1);
    for (ObjectKey key : keys) {
      CompletionStage<DeleteResult> deleted = delete(adapter, List.of(key));
      var loaded = load(adapter, List.of(key), SIZE);
      assertThat(await(deleted).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
      await(loaded);
    }
    List<String> removed = new ArrayList<>();
    while (removed.size() < keys.size()) {
      context.takeEvents(1).stream().filter(e -> !e.startsWith("accessed")).forEach(removed::add);
    }
    assertThat(removed)
        .containsExactlyElementsOf(
            keys.stream().map(key -> "removed [" + key + "] [100] DELETED").toList());
  }

  @Test
  void usageNeverShowsAReplacementHalfDone() throws Exception {
    await(store(adapter, List.of(key(0)), SIZE));
    AtomicBoolean done = new AtomicBoolean();
    List<AdapterUsage> odd = new ArrayList<>();
    Thread observer =
        new Thread(
            () -> {
              while (!done.get()) {
                AdapterUsage usage = adapter.usage();
                if (usage.storedObjects() != 1 || usage.bytesBySalt().size() != 1) {
                  odd.add(usage);
                }
              }
            });
    observer.start();
    for (int i = 0; i < 5000; i++) {
      await(store(adapter, List.of(key(0)), 1 + i % 7));
    }
    done.set(true);
    observer.join();
    assertThat(odd).isEmpty();
    assertThat(adapter.usage().storedBytes()).isEqualTo(1 + 4999 % 7);
  }

  @Test
  void whatIsChainedMayWaitForTheNextRequestOfTheKey() throws Exception {
    CountDownLatch chained = new CountDownLatch(1);
    storage.traps.put(key(0), () -> Requests.await(chained));
    CompletionStage<StoreResult> stored = store(adapter, List.of(key(0)), SIZE);
    CompletionStage<DeleteResult> deleted = delete(adapter, List.of(key(0)));
    var both = stored.thenApply(result -> await(deleted).outcome(0));
    chained.countDown();
    assertThat(await(both)).isEqualTo(DeleteOutcome.DELETED);
  }
}

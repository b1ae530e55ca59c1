// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What lookups answer from the index, without asking the storage. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class IndexLookupTest {

  private static final int SIZE = 100;

  private final ScannedAdapter scanned =
      new ScannedAdapter(true, new AdapterLimits(1000, 20, 60, 1, 1, Set.of()));
  private BlockingL2Adapter adapter;

  @BeforeEach
  void open() throws IOException {
    for (int n = 0; n < 10; n++) {
      scanned.had(key(n), SIZE + n);
    }
    adapter = scanned.open(1);
    scanned.endScan(adapter);
  }

  @AfterEach
  void close() {
    assertThat(scanned.storage.calls).filteredOn(call -> call.startsWith("stat")).isEmpty();
    scanned.close(adapter);
  }

  private LookupLease lookup(List<ObjectKey> keys, Extent extent, boolean pin, Options options) {
    return await(adapter.lookup(new LookupRequest(keys, extent, pin, options)));
  }

  private static List<Boolean> hits(LookupLease lease) {
    return IntStream.range(0, lease.size()).mapToObj(lease::hit).toList();
  }

  @Test
  void allAnswersForEachKeyAndPrefixEndsAtTheFirstMiss() {
    List<ObjectKey> keys = List.of(key(3), key(4), key(44), key(5), key(45));
    LookupLease all = lookup(keys, Extent.ALL, true, Options.DEFAULT);
    assertThat(hits(all)).containsExactly(true, true, false, true, false);
    assertThat(all.get(3).sizeBytes()).isEqualTo(SIZE + 5);
    assertThat(all.get(3).sizeExact()).isTrue();
    assertThat(all.since()).isEqualTo(scanned.context.clock().instant());
    assertThat(adapter.status().pinnedKeys()).isEqualTo(3);
    assertThat(adapter.status().leases()).hasSize(1);
    assertThat(adapter.status().leases().get(0).owner())
        .isEqualTo(Thread.currentThread().getName());

    LookupLease prefix = lookup(keys, Extent.PREFIX, true, Options.DEFAULT);
    assertThat(hits(prefix)).containsExactly(true, true, false, false, false);
    all.close();
    assertThat(adapter.status().pinnedKeys()).isEqualTo(2);
    assertThat(await(delete(adapter, List.of(key(3), key(5)))).keys())
        .extracting(result -> result.outcome())
        .containsExactly(DeleteOutcome.PINNED, DeleteOutcome.DELETED);
    prefix.close();
    assertThat(hits(lookup(keys, Extent.ALL, false, Options.DEFAULT)))
        .as("what was spared is a hit, what was deleted is none")
        .containsExactly(true, true, false, false, false);
    assertThat(adapter.status().pinnedKeys()).isZero();
    assertThat(await(delete(adapter, List.of(key(3)))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
  }

  @Test
  void aDeadlineThatHasPassedAndAClosedAdapterAreErrors() {
    Options late = Options.DEFAULT.withDeadline(scanned.context.clock().instant());
    LookupLease lease = lookup(Requests.keys(2), Extent.ALL, true, late);
    assertThat(hits(lease)).containsExactly(false, false);
    assertThat(why(lease.error(0)).code()).isEqualTo(L2ErrorCode.DEADLINE);
    Options inTime = late.withDeadline(scanned.context.clock().instant().plusMillis(1));
    assertThat(hits(lookup(Requests.keys(1), Extent.ALL, false, inTime))).containsExactly(true);

    adapter.close(Duration.ofMinutes(1));
    LookupLease closed = lookup(Requests.keys(2), Extent.ALL, true, Options.DEFAULT);
    assertThat(hits(closed)).containsExactly(false, false);
    assertThat(why(closed.error(1)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(adapter.status().pinnedKeys()).isZero();
  }

  @Test
  void misuseIsAnExceptionAsOnTheLongWay() {
    LookupRequest many = LookupRequest.of(Requests.keys(21));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adapter.lookup(many))
        .withMessageContaining("20 keys, this one has 21");
    LookupRequest noExtent =
        new LookupRequest(Requests.keys(1), Requests.nothing(), true, Options.DEFAULT);
    assertThatNullPointerException().isThrownBy(() -> adapter.lookup(noExtent));
    LookupRequest noOptions =
        new LookupRequest(Requests.keys(1), Extent.ALL, true, Requests.nothing());
    assertThatNullPointerException().isThrownBy(() -> adapter.lookup(noOptions));
    assertThat(adapter.status().pinnedKeys()).isZero();
  }

  @Test
  void aNameTheStorageCannotHaveIsAnErrorOfThatKeyAlone() {
    ObjectKey unsupported = ObjectKey.of(new byte[40], "m", 0);
    LookupLease lease =
        lookup(List.of(key(1), unsupported, key(77)), Extent.ALL, false, Options.DEFAULT);
    assertThat(hits(lease)).containsExactly(true, false, false);
    assertThat(lease.error(0)).isNull();
    assertThat(why(lease.error(1)).code()).isEqualTo(L2ErrorCode.UNSUPPORTED_KEY);
    assertThat(lease.error(2)).isNull();
  }

  @Test
  void whileADeleteIsUnderWayALookupWaitsForItsEnd() {
    var hold = scanned.storage.hold();
    var deleted = delete(adapter, List.of(key(1)));
    scanned.storage.awaitHeld(1);
    var other = adapter.lookup(LookupRequest.of(List.of(key(2)))).toCompletableFuture();
    assertThat(other).as("another key").isCompleted();
    var lookup = adapter.lookup(LookupRequest.of(List.of(key(1), key(2)))).toCompletableFuture();
    assertThat(lookup).isNotDone();
    assertThat(adapter.status().pinnedKeys()).isEqualTo(1);
    hold.countDown();
    assertThat(await(deleted).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    assertThat(hits(await(lookup))).containsExactly(false, true);
    await(lookup).close();
    await(other).close();
  }

  /** What a load may have seen already, a lookup that comes after it may not deny. */
  @Test
  void whileAStoreOfTheKeyIsUnderWayTheStorageIsAsked() {
    var hold = scanned.storage.hold();
    var stored = adapter.store(Requests.storeRequest(List.of(key(11)), SIZE, StoreMode.REPLACE));
    scanned.storage.awaitHeld(1);
    assertThat(hits(lookup(List.of(key(2)), Extent.ALL, false, Options.DEFAULT)))
        .as("another key")
        .containsExactly(true);
    var lookup = adapter.lookup(LookupRequest.of(List.of(key(11)))).toCompletableFuture();
    assertThat(lookup).isNotDone();
    hold.countDown();
    await(stored);
    assertThat(hits(await(lookup))).containsExactly(true);
    await(lookup).close();
    assertThat(scanned.storage.calls).containsOnlyOnce("stat " + key(11).chunkHashHex());
    scanned.storage.calls.clear();
    assertThat(hits(lookup(List.of(key(11)), Extent.ALL, false, Options.DEFAULT)))
        .containsExactly(true);
  }

  @Test
  void whileAScanIsUnderWayADeleteIsAskedForBeforeAPinIsGiven() throws IOException {
    MemoryStorage storage = new MemoryStorage();
    ObjectIndex index = new ObjectIndex(new Accounting(Capacity.of(0), 1));
    PinTable pins = new PinTable();
    KeyGate<String> gate = new KeyGate<>();
    IndexLookup lookup =
        new IndexLookup(
            new WorkerPool(storage, 1, scanned.context),
            index,
            pins,
            gate,
            new CloseState(),
            scanned.context.clock(),
            refusal -> {},
            answered -> {});
    index.beginScan();
    assertThat(gate.enter("delete", List.of(key(1)), KeyGate.Mode.DELETE)).containsExactly(0);
    assertThat(index.deleting(key(1))).isNull();
    assertThat(pins.isPinned(key(1))).isFalse();
    assertThat(index.adopt(key(1), 7)).isNotNull();
    LookupRequest request = LookupRequest.of(List.of(key(1)));

    assertThat(lookup.answer(request)).isNull();
    assertThat(pins.pinnedKeys()).isZero();
    gate.leave("delete", List.of(key(1)));
    LookupLease lease = lookup.answer(request);
    assertThat(lease).isNotNull();
    assertThat(pins.pinnedKeys()).isEqualTo(1);
  }

  @Test
  void aDeleteThatBeginsBetweenTheQuestionAndThePinIsSeen() {
    ObjectIndex index = new ObjectIndex(new Accounting(Capacity.of(0), 1));
    index.put(key(1), 7);
    index.endScan(true);
    PinTable pins = new PinTable();
    // It is asked for the name of the second key, after the first has been found.
    Backend<?> backend =
        (Backend<?>)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("limits")) {
                    return AdapterLimits.DEFAULT;
                  }
                  assertThat(method.getName()).isEqualTo("name");
                  assertThat(index.deleting(key(1))).isNotNull();
                  return key(2);
                });
    IndexLookup lookup =
        new IndexLookup(
            backend,
            index,
            pins,
            new KeyGate<String>(),
            new CloseState(),
            scanned.context.clock(),
            refusal -> {},
            answered -> {});

    LookupRequest request = LookupRequest.of(List.of(key(1), key(2)));
    assertThat(lookup.answer(request)).isNull();
    assertThat(pins.pinnedKeys()).isZero();
    index.spared(key(1), index.get(key(1)));
    assertThat(lookup.answer(LookupRequest.of(List.of(key(1))))).isNotNull();
    assertThat(pins.pinnedKeys()).isEqualTo(1);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.load;
import static io.lmcache.adapter.Requests.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Serving while what is there already is being found, and what is told of it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RecoveryTest {

  private static final int SIZE = 100;

  private static LookupLease lookup(BlockingL2Adapter adapter, ObjectKey... keys) {
    return await(
        adapter.lookup(new LookupRequest(List.of(keys), Extent.ALL, false, Options.DEFAULT)));
  }

  private static ScannedAdapter with(int objects, boolean exclusive) {
    ScannedAdapter scanned = new ScannedAdapter(exclusive);
    for (int n = 0; n < objects; n++) {
      scanned.had(key(n), SIZE + n);
    }
    return scanned;
  }

  @Test
  void servesWhileTheScanIsUnderWay() throws IOException {
    ScannedAdapter scanned = with(10, true);
    BlockingL2Adapter adapter = scanned.open(2);
    List<String> calls = scanned.storage.calls;
    scanned.walk.awaitAt(key(3));

    assertThat(adapter.usage().recovering()).isTrue();
    assertThat(adapter.status().details()).containsEntry("recovery", "running");
    assertThat(adapter.usage().storedObjects()).isEqualTo(3);
    LookupLease known = lookup(adapter, key(0), key(2));
    assertThat(known.get(0).sizeBytes()).isEqualTo(SIZE);
    assertThat(known.get(1).sizeBytes()).isEqualTo(SIZE + 2);
    assertThat(calls).isEmpty();

    LookupLease unknown = lookup(adapter, key(1), key(5), key(50));
    assertThat(List.of(unknown.hit(0), unknown.hit(1), unknown.hit(2)))
        .containsExactly(true, true, false);
    assertThat(unknown.get(1).sizeBytes()).isEqualTo(SIZE + 5);
    assertThat(calls).containsExactlyInAnyOrder("stat 00000005", "stat 00000032");
    assertThat(scanned.context.takeEvents(1)).containsExactly("recovered [" + key(5) + "] [105]");

    assertThat(await(store(adapter, List.of(key(20)), SIZE)).outcome(0))
        .isEqualTo(StoreOutcome.STORED);
    assertThat(await(load(adapter, List.of(key(7)), SIZE + 7)).outcome(0))
        .isEqualTo(LoadOutcome.LOADED);
    assertThat(await(delete(adapter, List.of(key(8)))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);

    scanned.endScan(adapter);
    assertThat(adapter.usage().recovering()).isFalse();
    assertThat(adapter.status().details()).containsEntry("recovery", "complete");
    scanned.checkAgreement(adapter, Requests.keys(60));
    scanned.close(adapter);
  }

  @Test
  void onceCompleteAnExclusiveStorageIsNotAskedAgain() throws IOException {
    ScannedAdapter scanned = with(10, true);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.endScan(adapter);

    LookupLease lease = lookup(adapter, Requests.keys(20).toArray(new ObjectKey[0]));
    for (int i = 0; i < 20; i++) {
      assertThat(lease.hit(i)).isEqualTo(i < 10);
    }
    assertThat(scanned.storage.calls).isEmpty();
    scanned.close(adapter);
  }

  @Test
  void aStorageThatOthersUseIsAlwaysAsked() throws IOException {
    ScannedAdapter scanned = with(3, false);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.endScan(adapter);

    assertThat(lookup(adapter, key(1)).hit(0)).isTrue();
    assertThat(lookup(adapter, key(7)).hit(0)).isFalse();
    assertThat(scanned.storage.calls).containsExactly("stat 00000001", "stat 00000007");
    scanned.storage.objects.remove(key(1));
    scanned.had(key(7), SIZE);
    assertThat(lookup(adapter, key(1)).hit(0)).isFalse();
    assertThat(lookup(adapter, key(7)).hit(0)).isTrue();
    scanned.checkAgreement(adapter, Requests.keys(10));
    scanned.close(adapter);
  }

  @Test
  void theListenerHearsOfThemOldestFirstAtMostAThousandAtOnce() throws IOException {
    int objects = 2500;
    ScannedAdapter scanned = with(objects, true);
    List<Integer> order = new ArrayList<>(Collections.nCopies(objects, 0));
    for (int n = 0; n < objects; n++) {
      order.set(n, n);
    }
    Collections.shuffle(order, new Random(7));
    for (int n = 0; n < objects; n++) {
      scanned.storage.lastModified.put(key(n), Instant.ofEpochSecond(order.get(n)));
    }
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.walk.awaitAt(key(objects - 1));
    assertThat(scanned.context.takeEvents(0)).isEmpty();
    assertThat(adapter.usage().storedObjects()).isEqualTo(objects - 1);
    scanned.endScan(adapter);

    List<String> events = scanned.context.takeEvents(3);
    assertThat(events).hasSize(3).allMatch(event -> event.startsWith("recovered "));
    assertThat(events)
        .extracting(event -> event.split("org/model@", -1).length - 1)
        .containsExactly(1000, 1000, 500);
    assertThat(scanned.context.ages()).hasSize(objects);
    assertThat(List.copyOf(scanned.context.ages().values())).isSorted();
    assertThat(scanned.context.ages().get(key(17))).isEqualTo(Instant.ofEpochSecond(order.get(17)));
    scanned.checkAgreement(adapter, Requests.keys(objects));
    scanned.close(adapter);
  }

  @Test
  void whatHappenedMeanwhileIsToldOnceAndInItsOrder() throws IOException {
    ScannedAdapter scanned = with(40, true);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.walk.awaitAt(key(39));

    await(delete(adapter, Requests.keys(10)));
    assertThat(scanned.context.takeEvents(0)).as("nobody was told of them").isEmpty();
    List<ObjectKey> replaced = Requests.keys(20).subList(10, 20);
    await(adapter.store(Requests.storeRequest(replaced, 7, StoreMode.REPLACE)));
    assertThat(scanned.context.takeEvents(1))
        .containsExactly("stored " + replaced + " " + Collections.nCopies(10, 7L));
    await(load(adapter, List.of(key(25)), SIZE + 25));
    await(load(adapter, List.of(key(25)), SIZE + 25));
    assertThat(scanned.context.takeEvents(3))
        .containsExactly(
            "recovered [" + key(25) + "] [125]",
            "accessed [" + key(25) + "]",
            "accessed [" + key(25) + "]");
    scanned.storage.damaged.add(key(26));
    await(load(adapter, List.of(key(26)), SIZE + 26));
    assertThat(scanned.context.takeEvents(0)).as("nobody was told of it").isEmpty();

    scanned.endScan(adapter);
    Set<ObjectKey> expected = new HashSet<>(Requests.keys(40).subList(20, 40));
    expected.removeAll(List.of(key(26)));
    assertThat(scanned.context.takeEvents(1)).hasSize(1);
    assertThat(scanned.context.ages().keySet()).isEqualTo(expected);
    scanned.checkAgreement(adapter, Requests.keys(40));
    scanned.close(adapter);
  }

  @Test
  void aStorageThatCannotBeScannedIsServedAndSaysSo() throws IOException {
    ScannedAdapter scanned = with(5, true);
    scanned.storage.walkTrap = MemoryStorage.failing(new IOException("planned: no listing"));
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.endScan(adapter);

    assertThat(adapter.status().reason()).contains("planned: no listing");
    assertThat(adapter.status().details().get("recovery")).contains("planned: no listing");
    assertThat(lookup(adapter, key(1)).hit(0)).isTrue();
    assertThat(lookup(adapter, key(9)).hit(0)).isFalse();
    assertThat(scanned.storage.calls).containsExactly("stat 00000001", "stat 00000009");
    scanned.close(adapter);
  }
}

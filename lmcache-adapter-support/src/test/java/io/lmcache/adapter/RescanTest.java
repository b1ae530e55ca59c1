// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.awaitUntil;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Health;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A storage that others use too is scanned again when its usage is asked for and is old. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RescanTest {

  private static final Duration OLD = Recovery.STALE.plusSeconds(1);

  private static BlockingL2Adapter opened(ScannedAdapter scanned) throws IOException {
    for (int n = 0; n < 5; n++) {
      scanned.had(key(n), 100);
    }
    BlockingL2Adapter adapter = scanned.open(2);
    scanned.endScan(adapter);
    assertThat(scanned.storage.walks).hasValue(1);
    return adapter;
  }

  private static String age(BlockingL2Adapter adapter) {
    return adapter.status().details().getOrDefault("usage_age_seconds", "none");
  }

  /** Asks for the usage, and waits until the scan that this begins has ended well. */
  private static void rescan(BlockingL2Adapter adapter) {
    adapter.usage();
    awaitUntil(() -> age(adapter).equals("0"));
  }

  /** No scan is under way, and none began since there were so many. */
  private static void checkNoScan(ScannedAdapter scanned, int walks) {
    awaitUntil(() -> scanned.storage.walkers.get() == 0);
    assertThat(scanned.context.liveThreads()).doesNotContain("lmc-recover");
    assertThat(scanned.storage.walks).hasValue(walks);
  }

  @Test
  void whatOthersAddedAndRemovedIsCountedAndTold() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    BlockingL2Adapter adapter = opened(scanned);
    await(store(adapter, List.of(key(9)), 30));
    scanned.context.takeEvents(2);
    scanned.storage.objects.remove(key(1));
    scanned.had(key(2), 77);
    scanned.had(key(7), 50);
    scanned.storage.lastModified.put(key(7), Instant.ofEpochSecond(4711));

    assertThat(adapter.usage().storedBytes()).as("not old yet").isEqualTo(530);
    scanned.context.clock().advance(OLD);
    rescan(adapter);

    assertThat(adapter.usage().storedBytes()).isEqualTo(300 + 77 + 50 + 30);
    assertThat(adapter.usage().recovering()).isFalse();
    assertThat(scanned.context.takeEvents(4))
        .containsExactlyInAnyOrder(
            "removed [" + key(1) + "] [100] GONE",
            "removed [" + key(2) + "] [100] REPLACED",
            "recovered [" + key(2) + "] [77]",
            "recovered [" + key(7) + "] [50]");
    assertThat(scanned.context.ages()).containsEntry(key(7), Instant.ofEpochSecond(4711));
    assertThat(scanned.storage.walks).hasValue(2);
    scanned.checkAgreement(adapter, Requests.keys(12));
    scanned.close(adapter);
  }

  @Test
  void nothingIsScannedBeforeItIsOld() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    BlockingL2Adapter adapter = opened(scanned);
    awaitUntil(() -> !scanned.context.liveThreads().contains("lmc-recover"));
    scanned.context.clock().advance(Recovery.STALE);
    assertThat(age(adapter)).isEqualTo("60");
    adapter.usage();
    checkNoScan(scanned, 1);
    scanned.context.clock().advance(Duration.ofSeconds(1));
    rescan(adapter);
    assertThat(scanned.storage.walks).hasValue(2);
    scanned.close(adapter);
  }

  @Test
  void whatNobodyElseChangesIsScannedOnce() throws IOException {
    for (boolean exclusive : new boolean[] {true, false}) {
      ScannedAdapter scanned = new ScannedAdapter(exclusive);
      if (exclusive) {
        scanned.context.share();
      }
      BlockingL2Adapter adapter = opened(scanned);
      awaitUntil(() -> !scanned.context.liveThreads().contains("lmc-recover"));
      scanned.context.clock().advance(OLD.multipliedBy(100));
      adapter.usage();
      checkNoScan(scanned, 1);
      assertThat(age(adapter)).isEqualTo(exclusive ? "none" : "6100");
      scanned.close(adapter);
    }
  }

  @Test
  void aLongScanIsNotRepeatedBeforeTwentyTimesItsLength() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    scanned.had(key(0), 100);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.walk.awaitAt(key(0));
    scanned.context.clock().advance(Duration.ofMinutes(10));
    scanned.endScan(adapter);
    awaitUntil(() -> !scanned.context.liveThreads().contains("lmc-recover"));
    scanned.context.clock().advance(Duration.ofMinutes(200));
    adapter.usage();
    checkNoScan(scanned, 1);
    scanned.context.clock().advance(Duration.ofSeconds(1));
    rescan(adapter);
    assertThat(scanned.storage.walks).hasValue(2);
    scanned.close(adapter);
  }

  @Test
  void aScanThatFailsDegradesUntilTheNextGoodOne() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    BlockingL2Adapter adapter = opened(scanned);
    assertThat(adapter.status().health()).isEqualTo(Health.OK);
    scanned.storage.walkTrap = MemoryStorage.failing(new IOException("planned: ESTALE"));
    scanned.context.clock().advance(OLD);
    adapter.usage();
    awaitUntil(() -> adapter.status().health() == Health.DEGRADED);
    assertThat(adapter.status().reason()).contains("planned: ESTALE");
    assertThat(age(adapter)).as("what is known is as old as before").isEqualTo("61");
    assertThat(adapter.usage().storedObjects()).isEqualTo(5);

    scanned.storage.walkTrap = null;
    scanned.storage.objects.remove(key(3));
    scanned.context.clock().advance(OLD);
    rescan(adapter);
    assertThat(adapter.status().health()).isEqualTo(Health.OK);
    assertThat(adapter.status().details()).containsEntry("recovery", "complete");
    scanned.checkAgreement(adapter, Requests.keys(6));
    scanned.close(adapter);
  }

  @Test
  void aScanThatGetsNoThreadDegradesUntilTheNextGoodOne() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    BlockingL2Adapter adapter = opened(scanned);
    scanned.context.refuseThreadsAfter(0);
    scanned.context.clock().advance(OLD);
    assertThat(adapter.usage().storedObjects()).isEqualTo(5);
    assertThat(adapter.status().health()).isEqualTo(Health.DEGRADED);
    assertThat(adapter.status().reason()).contains("no more threads");
    scanned.context.refuseThreadsAfter(Integer.MAX_VALUE);
    scanned.context.clock().advance(OLD);
    rescan(adapter);
    assertThat(adapter.status().health()).isEqualTo(Health.OK);
    scanned.close(adapter);
  }

  @Test
  void keysThatCannotBeAskedAboutDegradeToo() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    BlockingL2Adapter adapter = opened(scanned);
    scanned.storage.objects.remove(key(1));
    scanned.storage.traps.put(key(1), MemoryStorage.failing(new IOException("planned")));
    scanned.context.clock().advance(OLD);
    adapter.usage();
    awaitUntil(() -> adapter.status().health() == Health.DEGRADED);
    assertThat(adapter.status().reason()).contains("1 keys could not be asked about");
    assertThat(adapter.usage().storedObjects()).isEqualTo(5);
    scanned.storage.traps.clear();
    scanned.context.clock().advance(OLD);
    rescan(adapter);
    assertThat(adapter.status().health()).isEqualTo(Health.OK);
    scanned.checkAgreement(adapter, Requests.keys(6));
    scanned.close(adapter);
  }
}

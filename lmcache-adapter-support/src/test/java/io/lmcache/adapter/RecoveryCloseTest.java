// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.awaitUntil;
import static io.lmcache.adapter.Requests.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.Health;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing while what is there is still being found. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RecoveryCloseTest {

  private static ScannedAdapter with(int objects) {
    ScannedAdapter scanned = new ScannedAdapter(true);
    for (int n = 0; n < objects; n++) {
      scanned.had(key(n), 100);
    }
    return scanned;
  }

  @Test
  void aHeldScanKeepsTheStorageAndNotTheClose() throws IOException {
    ScannedAdapter scanned = with(5);
    BlockingL2Adapter adapter = scanned.open(2);
    scanned.walk.awaitAt(key(2));

    assertThat(adapter.close(Duration.ofMillis(20))).isEqualTo(new CloseReport(0, 0, 0));
    assertThat(adapter.status().health()).isEqualTo(Health.CLOSED);
    assertThat(scanned.storage.closed).hasValue(0);
    assertThat(scanned.context.liveThreads()).contains("lmc-recover");

    scanned.walk.goOn();
    awaitUntil(() -> scanned.context.liveThreads().isEmpty());
    assertThat(scanned.storage.closed).hasValue(1);
    assertThat(scanned.storage.walks).as("it left before the end").hasValue(0);
    assertThat(adapter.usage().storedObjects()).isEqualTo(2);
    assertThat(adapter.close(Duration.ZERO)).isEqualTo(new CloseReport(0, 0, 0));
    assertThat(scanned.storage.closed).hasValue(1);
  }

  @Test
  void aScanUnderWayLeavesAtTheNextObject() throws IOException {
    ScannedAdapter scanned = with(200);
    Thread closer = Thread.currentThread();
    AtomicReference<BlockingL2Adapter> opened = new AtomicReference<>();
    CountDownLatch far = new CountDownLatch(100);
    scanned.storage.walkStep =
        object -> {
          far.countDown();
          if (far.getCount() == 0) {
            // It goes on when the close waits for it.
            awaitUntil(
                () ->
                    opened.get() != null
                        && opened.get().status().health() == Health.CLOSED
                        && closer.getState() == Thread.State.TIMED_WAITING);
          }
        };
    BlockingL2Adapter adapter = scanned.open(1);
    opened.set(adapter);
    await(far);
    adapter.close();
    assertThat(scanned.context.liveThreads()).isEmpty();
    assertThat(scanned.storage.closed).hasValue(1);
    assertThat(scanned.storage.walks).as("it left before the end").hasValue(0);
    assertThat(adapter.usage().storedObjects()).isEqualTo(99);
  }

  @Test
  void aCheckThatIsUnderWayIsWaitedForUpToTheBound() throws IOException {
    ScannedAdapter scanned = with(3);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.walk.awaitAt(key(0));
    await(Requests.delete(adapter, List.of(key(0))));
    CountDownLatch hold = scanned.storage.hold();
    scanned.walk.goOn();
    scanned.storage.awaitHeld(1);

    CloseReport report = adapter.close(Duration.ofMillis(20));
    assertThat(report).isEqualTo(new CloseReport(0, 0, 1));
    assertThat(scanned.storage.closed).hasValue(0);
    hold.countDown();
    awaitUntil(() -> scanned.context.liveThreads().isEmpty());
    assertThat(scanned.storage.closed).hasValue(1);
    assertThat(scanned.storage.calls).containsExactly("remove 00000000", "stat 00000000");
  }

  @Test
  void afterTheCloseNoScanBegins() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(false);
    scanned.context.share();
    scanned.had(key(1), 100);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.endScan(adapter);
    adapter.close();
    scanned.context.clock().advance(Recovery.STALE.multipliedBy(10));
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
    assertThat(scanned.context.liveThreads()).isEmpty();
    assertThat(scanned.storage.walks).hasValue(1);
    assertThat(scanned.storage.closed).hasValue(1);
  }

  @Test
  void aListenerMayCloseWhenItHearsOfWhatWasFound() throws IOException {
    ScannedAdapter scanned = with(3);
    AtomicReference<BlockingL2Adapter> opened = new AtomicReference<>();
    AtomicReference<CloseReport> report = new AtomicReference<>();
    scanned.context.onRecovered =
        () -> report.set(Objects.requireNonNull(opened.get()).close(Duration.ofHours(1)));
    BlockingL2Adapter adapter = scanned.open(1);
    opened.set(adapter);
    scanned.walk.goOn();
    awaitUntil(() -> scanned.context.liveThreads().isEmpty());
    assertThat(report.get()).isEqualTo(new CloseReport(0, 0, 0));
    assertThat(scanned.context.believed()).hasSize(3);
    assertThat(scanned.storage.closed).hasValue(1);
  }

  @Test
  void anAdapterThatGetsNoThreadForItsScanDoesNotOpen() {
    ScannedAdapter scanned = with(3);
    scanned.context.refuseThreadsAfter(2);
    assertThatIOException()
        .isThrownBy(() -> scanned.open(2))
        .withMessageContaining("no more threads");
    assertThat(scanned.context.liveThreads()).isEmpty();
    assertThat(scanned.storage.closed).hasValue(1);
  }
}

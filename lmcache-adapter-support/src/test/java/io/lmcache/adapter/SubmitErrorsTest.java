// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.why;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.CloseReport;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Priority;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An error amid a submit: no buffer stays lent, no key stays taken, nothing ends twice. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class SubmitErrorsTest {

  private static final int SIZE = 100;

  private final TestContext context = new TestContext();
  private final MemoryStorage storage = new MemoryStorage();
  private BlockingL2Adapter adapter;

  @BeforeEach
  void open() throws IOException {
    adapter = BlockingL2Adapter.open(storage, 2, 0, context);
    Requests.awaitUntil(() -> !adapter.usage().recovering());
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.usage().inFlightBytes()).isZero();
    // It would wait for a key that is under way, and may find what the adapter asks by itself.
    CloseReport report = adapter.close(Duration.ofDays(1));
    assertThat(report).isEqualTo(new CloseReport(report.drained(), 0, 0));
    assertThat(context.liveThreads()).isEmpty();
  }

  /** A store whose deadline makes the adapter look at the clock. */
  private StoreRequest request(List<ObjectKey> keys) {
    Options options =
        new Options(context.clock().instant().plus(Duration.ofDays(1)), Priority.NORMAL);
    List<StoreItem> items =
        keys.stream().map(key -> new StoreItem(key, Requests.filled(key, SIZE))).toList();
    return new StoreRequest(items, StoreMode.IF_ABSENT, options);
  }

  @Test
  void aSubmitThatThrowsFailsItsKeysAndTheNextOneGoesOn() {
    List<ObjectKey> keys = List.of(key(1), key(2));
    StoreRequest request = request(keys);
    context.clock().overflowAfter(0);
    StoreResult failed = await(adapter.store(request));
    assertThat(failed.count(StoreOutcome.FAILED)).isEqualTo(2);
    assertThat(why(failed.error(1)).code()).isEqualTo(L2ErrorCode.INTERNAL);
    assertThat(why(failed.error(1)).text()).contains("planned").contains(key(2).toString());
    assertThat(adapter.loans()).isZero();
    assertThat(await(adapter.store(request)).count(StoreOutcome.STORED)).isEqualTo(2);
  }

  @Test
  void aRequestThatCannotBeSentInItsTurnFailsAndTheOneBehindItGoesOn() {
    CountDownLatch hold = storage.hold();
    CompletionStage<StoreResult> first = adapter.store(request(List.of(key(1))));
    storage.awaitHeld(1);
    CompletionStage<StoreResult> second = adapter.store(request(List.of(key(1))));
    CompletionStage<StoreResult> third = adapter.store(request(List.of(key(1))));
    // The first look is for the first one's events, the next one is for the second one's turn.
    context.clock().overflowAfter(1);
    storage.holdNoMore();
    hold.countDown();
    assertThat(await(first).outcome(0)).isEqualTo(StoreOutcome.STORED);
    assertThat(why(await(second).error(0)).text()).contains("planned");
    assertThat(await(third).outcome(0)).isEqualTo(StoreOutcome.ALREADY_PRESENT);
  }
}

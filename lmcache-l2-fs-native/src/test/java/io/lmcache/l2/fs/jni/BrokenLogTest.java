// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.storeRequest;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.lmcache.adapter.Capacity;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Completions go on where neither an error can be described nor a message be logged. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class BrokenLogTest {

  private static final int SIZE = 8;

  private static final class FullDisk extends UnsynchronizedAppenderBase<ILoggingEvent> {
    final AtomicInteger asked = new AtomicInteger();

    @Override
    public void doAppend(ILoggingEvent event) {
      asked.incrementAndGet();
      throw new IllegalStateException("planned: the log is full");
    }

    @Override
    protected void append(ILoggingEvent event) {
      throw new AssertionError("doAppend is in place of it");
    }
  }

  private final Logger log = (Logger) LoggerFactory.getLogger(NativeBackend.class);
  private final FullDisk appender = new FullDisk();
  private final TestContext context = new TestContext();
  private final FakeConnector connector = new FakeConnector();
  private NativeConnectorL2Adapter adapter;

  @BeforeEach
  void start() throws Exception {
    appender.start();
    log.addAppender(appender);
    adapter = NativeConnectorL2Adapter.start(connector, Capacity.of(0), context);
  }

  @AfterEach
  void close() {
    CloseReport report = adapter.close(Duration.ofDays(1));
    assertThat(report).isEqualTo(new CloseReport(report.drained(), 0, 0));
    log.detachAppender(appender);
    assertThat(connector.isDestroyed()).isTrue();
    assertThat(context.liveThreads()).isEmpty();
    assertThat(appender.asked).as("messages that were lost").hasPositiveValue();
  }

  private CompletionStage<StoreResult> store(List<ObjectKey> keys) {
    return adapter.store(storeRequest(keys, 1, SIZE, StoreMode.IF_ABSENT));
  }

  @Test
  void aFailureWithoutWordsEndsItsKeyAndTheOthersOfTheBatch() throws Exception {
    connector.breakWords();
    CompletionStage<StoreResult> stage = store(keys(4));
    connector.complete(
        connector.take(), i -> i % 2 == 0 ? NativeOutcome.FAILED : NativeOutcome.STORED);
    StoreResult result = await(stage);
    assertThat(result.count(StoreOutcome.STORED)).isEqualTo(2);
    assertThat(why(result.error(2)).code()).isEqualTo(L2ErrorCode.INTERNAL);
    assertThat(adapter.loans()).isZero();
  }

  @Test
  void whatNobodyWaitsForHarmsNobody() throws Exception {
    connector.completeUnknown();
    CompletionStage<StoreResult> stage = store(keys(2));
    connector.complete(connector.take(), i -> NativeOutcome.STORED);
    assertThat(await(stage).count(StoreOutcome.STORED)).isEqualTo(2);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The contract of {@code memory} again and again, every other time beside a busy machine. */
@Tag("soak")
final class ContractSoakTest {

  private static final int BUSY_THREADS = Runtime.getRuntime().availableProcessors();
  private static final int TESTS_AT_LEAST = 80;

  @RepeatedTest(20)
  void isGreen(RepetitionInfo repetition) throws InterruptedException {
    TestExecutionSummary summary =
        repetition.getCurrentRepetition() % 2 == 0 ? besideBusyLoops() : run();
    StringWriter failures = new StringWriter();
    summary.printFailuresTo(new PrintWriter(failures));
    assertThat(summary.getTotalFailureCount()).as("%s", failures).isZero();
    assertThat(summary.getTestsSucceededCount()).isGreaterThanOrEqualTo(TESTS_AT_LEAST);
    assertThat(summary.getTestsSucceededCount()).isEqualTo(summary.getTestsFoundCount());
  }

  private static TestExecutionSummary besideBusyLoops() throws InterruptedException {
    AtomicBoolean busy = new AtomicBoolean(true);
    Thread[] loops = new Thread[BUSY_THREADS];
    try {
      for (int i = 0; i < loops.length; i++) {
        loops[i] = new Thread(() -> spin(busy), "lmc-test-busy");
        loops[i].start();
      }
      return run();
    } finally {
      busy.set(false);
      for (Thread loop : loops) {
        loop.join();
      }
    }
  }

  private static void spin(AtomicBoolean busy) {
    while (busy.get()) {
      Thread.onSpinWait();
    }
  }

  private static TestExecutionSummary run() {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(MemoryContractTest.class))
            .build();
    LauncherFactory.create().execute(request, listener);
    return listener.getSummary();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A close with the storage held: what it reports, what stays lent, and how it ends. */
final class HeldClose {

  private static final Duration SHORT = Duration.ofMillis(20);

  private HeldClose() {}

  /**
   * Closes while the storage holds one request and others wait; what became of the one.
   *
   * @param buffers how many buffers the one has
   * @param grows by how many bytes it makes the storage grow
   */
  static <R> R close(
      AdapterUnderTest a, int buffers, long grows, Supplier<CompletionStage<R>> submit) {
    Stall stall = a.stall();
    UnderWay others = new UnderWay(a, 10, 60, false);
    AdapterUsage before = Settled.usage(a);
    stall.hold();
    CompletionStage<R> held = submit.get();
    a.await("an operation inside of the held storage", () -> stall.held() > 0);
    others.submit();
    CloseReport report =
        Background.start(
                a,
                "CLOSE-4: close with the storage held and "
                    + (others.keys() + 1)
                    + " keys under way",
                () -> a.adapter().close(SHORT))
            .get();
    assertReport(stall, report, others.keys() + 1);
    // They may be handed back a moment after the return.
    a.await(
        "CLOSE-4: ended are not the " + report.failed() + " keys that the report says failed",
        () -> others.keys() - others.open() >= report.failed() + report.drained());
    assertThat(others.open() + 1)
        .as("CLOSE-4: keys that have not ended while the storage is held, by %s", report)
        .isEqualTo(report.inKernel());
    assertThat(held.toCompletableFuture().isDone())
        .as("CLOSE-4: whether the request that is held has ended, 1 key")
        .isFalse();
    a.await(
        "CLOSE-4: loans() is not the buffers of " + report.inKernel() + " keys in the kernel",
        () -> a.adapter().loans() == others.lent() + buffers);
    stall.release();
    R result = a.await("CLOSE-4: the request that was held", held);
    assertThat(others.assertEnded("CLOSE-4"))
        .as("CLOSE-4: keys that failed with CLOSED, by %s", report)
        .isEqualTo(report.failed());
    a.await("CLOSE-4: loans() is not 0 when all have ended", () -> a.adapter().loans() == 0);
    others.assertCounted("CLOSE-4", before, grows);
    return result;
  }

  private static void assertReport(Stall stall, CloseReport report, int keys) {
    assertThat(report.drained() + report.failed() + report.inKernel())
        .as("CLOSE-4: keys of the report %s", report)
        .isEqualTo(keys);
    assertThat(report.inKernel())
        .as("CLOSE-4: keys in the kernel, of %d operations held, in %s", stall.held(), report)
        .isPositive();
    assertThat(report.failed())
        .as("CLOSE-4: of %d keys, those that no worker has begun, in %s", keys, report)
        .isPositive();
  }

  /** Closes while the storage holds one page, if it can, and others wait. */
  static void closeWithPages(AdapterUnderTest a, List<ObjectKey> keys) {
    Stall stall = a.stall();
    stall.hold();
    ListRequest request = new ListRequest(a.model(), keys.size() + 1, null);
    CompletionStage<KeyPage> held = a.adapter().list(request);
    a.await("a page", () -> stall.held() > 0 || held.toCompletableFuture().isDone());
    if (held.toCompletableFuture().isDone()) {
      // It lists without what the author's stall holds.
      assertWhole(a, held, keys);
      return;
    }
    List<CompletionStage<KeyPage>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(a.adapter().list(request));
    }
    CloseReport report =
        Background.start(a, "CLOSE-4: close with pages held", () -> a.adapter().close(SHORT)).get();
    assertReport(stall, report, waiting.size() + 1);
    assertThat(held.toCompletableFuture().isDone())
        .as("CLOSE-4: whether the page that is held has ended, by %s", report)
        .isFalse();
    stall.release();
    assertWhole(a, held, keys);
    int failed = 0;
    for (CompletionStage<KeyPage> stage : waiting) {
      KeyPage page = a.await("CLOSE-4: a page that waited, by " + report, stage);
      if (page.error() == null) {
        assertWhole(a, stage, keys);
      } else {
        Ops.assertError("CLOSE-4: a page that waited", page.error(), L2ErrorCode.CLOSED);
        failed++;
      }
    }
    assertThat(failed)
        .as("CLOSE-4: pages that failed with CLOSED, by %s", report)
        .isEqualTo(report.failed());
  }

  private static void assertWhole(
      AdapterUnderTest a, CompletionStage<KeyPage> stage, List<ObjectKey> keys) {
    KeyPage page = a.await("CLOSE-4: a page that was held", stage);
    assertThat(page.error()).as("CLOSE-4: error of a page of %d keys", keys.size()).isNull();
    assertThat(page.entries().stream().map(KeyEntry::key))
        .as("CLOSE-4: keys of a page that was held over the close")
        .containsExactlyInAnyOrderElementsOf(keys);
  }
}

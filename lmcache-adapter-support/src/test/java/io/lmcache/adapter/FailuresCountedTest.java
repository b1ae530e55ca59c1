// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.storeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which failures are somebody's, and how they are told. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class FailuresCountedTest {

  @Test
  void whatTheAdapterAsksItselfIsNobodysFailure() throws IOException {
    TestContext context = new TestContext();
    MemoryStorage storage = new MemoryStorage();
    try (BlockingL2Adapter adapter = BlockingL2Adapter.open(storage, 1, 0, context)) {
      Requests.waitFor(() -> !adapter.usage().recovering());
      await(adapter.store(storeRequest(List.of(key(1)), 9, StoreMode.REPLACE)));
      storage.traps.put(key(1), MemoryStorage.failing(new IOException("planned:\n  EIO")));
      for (int i = 0; i < 5; i++) {
        // What was to be replaced is asked about afterwards, which fails too.
        assertThat(
                await(adapter.store(storeRequest(List.of(key(1)), 9, StoreMode.REPLACE)))
                    .outcome(0))
            .isEqualTo(StoreOutcome.FAILED);
      }
      Requests.awaitUntil(() -> stats(storage) >= 5);
      assertThat(adapter.status().failures()).containsExactly(new FailureCount("store", "IO", 5));
      assertThat(adapter.status().health()).isEqualTo(Health.DEGRADED);
      assertThat(adapter.status().reason())
          .isEqualTo("5 stores in a row failed, the last: put " + key(1) + ": planned:; EIO");
    }
  }

  @Test
  void aNumberOfItsOwnForEachFailureFillsNoMemory() {
    Failures failures = new Failures();
    for (int i = 0; i < 150; i++) {
      failures.failed(Operation.LOAD, new L2Error(L2ErrorCode.IO, Retry.LATER, "r-" + i, "failed"));
    }
    assertThat(failures.counts()).hasSize(101).contains(new FailureCount("load", "OTHER", 50));
    assertThat(failures.counts().stream().mapToLong(FailureCount::count).sum()).isEqualTo(150);
  }

  /** What is answered out of the index counts by key, and what is refused is no answer. */
  @Test
  void lookupsOutOfTheIndexAreJudgedByKey() throws IOException {
    MemoryStorage storage = MemoryStorage.exclusively();
    TestContext context = new TestContext();
    try (BlockingL2Adapter adapter = BlockingL2Adapter.open(storage, 1, 0, context)) {
      Requests.waitFor(() -> !adapter.usage().recovering());
      storage.unnamed = key(1);
      LookupRequest broken = LookupRequest.of(List.of(key(1)));
      for (int i = 0; i < 5; i++) {
        await(adapter.lookup(broken)).close();
      }
      assertThat(adapter.status().health()).isEqualTo(Health.DEGRADED);
      await(adapter.lookup(broken)).close();
      assertThat(adapter.status().health()).isEqualTo(Health.DEGRADED);
      await(adapter.lookup(LookupRequest.of(List.of(key(2))))).close();
      assertThat(adapter.status().health()).isEqualTo(Health.OK);
    }
  }

  private static long stats(MemoryStorage storage) {
    synchronized (storage.calls) {
      return storage.calls.stream().filter(call -> call.startsWith("stat")).count();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.storeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
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

  private static long stats(MemoryStorage storage) {
    synchronized (storage.calls) {
      return storage.calls.stream().filter(call -> call.startsWith("stat")).count();
    }
  }
}

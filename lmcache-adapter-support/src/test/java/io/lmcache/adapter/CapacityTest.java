// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.awaitUntil;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.filled;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.load;
import static io.lmcache.adapter.Requests.store;
import static io.lmcache.adapter.Requests.storeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A capacity is told what the adapter itself changes, and not what it finds. */
@Timeout(120)
final class CapacityTest {

  private static final int SIZE = 100;

  private final TestContext context = new TestContext();
  private final MemoryStorage storage = new MemoryStorage();
  private final Changes changes = new Changes();

  /** Adds up what it is told. */
  private static final class Changes implements Capacity {
    private long sum;

    @Override
    public long bytes(long storedBytes) {
      return 0;
    }

    @Override
    public synchronized void changed(long bytes) {
      sum += bytes;
    }

    synchronized long sum() {
      return sum;
    }
  }

  /** An adapter over a storage that tells its capacity. */
  private final class Adapter extends BackendL2Adapter {
    Adapter() throws IOException {
      super(new WorkerPool(storage, 1, context), changes, context);
      begin();
      awaitUntil(() -> !usage().recovering());
    }
  }

  private void had(ObjectKey key, int size) {
    byte[] bytes = new byte[size];
    filled(key, size).buffer().get(bytes);
    storage.objects.put(key, bytes);
  }

  @Test
  void itHearsOfStoresAndDeletes() throws IOException {
    try (Adapter adapter = new Adapter()) {
      await(store(adapter, List.of(key(1), key(2)), SIZE));
      assertThat(changes.sum()).isEqualTo(2 * SIZE);
      await(store(adapter, List.of(key(1)), SIZE));
      assertThat(changes.sum()).as("nothing was written").isEqualTo(2 * SIZE);
      await(adapter.store(storeRequest(List.of(key(1)), SIZE / 2, StoreMode.REPLACE)));
      assertThat(changes.sum()).as("one is smaller").isEqualTo(2 * SIZE - SIZE / 2);
      await(delete(adapter, List.of(key(1), key(2), key(3))));
      assertThat(changes.sum()).isZero();
      assertThat(adapter.usage().storedBytes()).isZero();
    }
  }

  @Test
  void itHearsNothingOfWhatIsFoundOrMissed() throws IOException {
    had(key(1), SIZE);
    had(key(2), SIZE);
    try (Adapter adapter = new Adapter()) {
      assertThat(adapter.usage().storedBytes()).as("by the scan").isEqualTo(2 * SIZE);
      had(key(3), SIZE);
      assertThat(await(load(adapter, List.of(key(3)), SIZE)).outcome(0))
          .isEqualTo(LoadOutcome.LOADED);
      awaitUntil(() -> adapter.usage().storedBytes() == 3 * SIZE);
      had(key(4), SIZE);
      assertThat(await(store(adapter, List.of(key(4)), SIZE)).outcome(0))
          .isEqualTo(StoreOutcome.ALREADY_PRESENT);
      assertThat(adapter.usage().storedBytes()).isEqualTo(4 * SIZE);
      storage.objects.clear();
      await(load(adapter, List.of(key(1)), SIZE));
      await(delete(adapter, List.of(key(2))));
      awaitUntil(() -> adapter.usage().storedBytes() == 2 * SIZE);
      assertThat(changes.sum()).isZero();
      await(delete(adapter, List.of(key(3), key(4))));
      assertThat(changes.sum()).isZero();
    }
  }
}

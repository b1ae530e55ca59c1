// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.awaitUntil;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much heap a key takes that was found in the storage. */
@Tag("soak")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class IndexHeapSoakTest {

  private static final int KEYS = 1_000_000;
  private static final long MOST_BYTES_PER_KEY = 300;

  /** Names a million objects and has none; model names and salts are shared, as a codec's are. */
  private static final class Named implements BlockingStorage {

    @Override
    public void forEach(Consumer<StoredObject> visitor) {
      String[] salts = {"", "tenant-a", "tenant-b"};
      for (int n = 0; n < KEYS; n++) {
        byte[] hash = new byte[32];
        ByteBuffer.wrap(hash).putLong(n * 0x9E3779B97F4A7C15L).putInt(28, n);
        ObjectKey key = ObjectKey.of(hash, "org/model-of-some-length", 1, 0, salts[n % 3]);
        visitor.accept(new StoredObject(key, 1L << 20, Instant.ofEpochSecond(n % 1000, n)));
      }
    }

    @Override
    public boolean exclusive() {
      return true;
    }

    @Override
    public void put(ObjectKey key, MemoryObject object) {}

    @Override
    public LoadOutcome get(ObjectKey key, MemoryObject object) {
      return LoadOutcome.NOT_FOUND;
    }

    @Override
    public OptionalLong stat(ObjectKey key) {
      return OptionalLong.empty();
    }

    @Override
    public boolean remove(ObjectKey key) {
      return false;
    }

    @Override
    public KeyPage page(ListRequest request) {
      throw new IllegalStateException("the index has it");
    }

    @Override
    public void close() {}
  }

  private static long usedAfterCollection() {
    var memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }

  @Test
  void aKeyTakesNoMoreThanPromised() throws Exception {
    TestContext context = new TestContext();
    context.listenToNothing();
    long before = usedAfterCollection();
    BlockingL2Adapter adapter = BlockingL2Adapter.open(new Named(), 1, 0, context);
    awaitUntil(() -> !adapter.usage().recovering());
    assertThat(adapter.status().details())
        .isEqualTo(
            Map.of(
                "recovery", "complete",
                "recovered_objects", Integer.toString(KEYS),
                "dropped_access_events", "0",
                "workers", "1",
                "queued", "0",
                "running", "0"));
    long perKey = (usedAfterCollection() - before) / KEYS;
    assertThat(perKey)
        .as("bytes of heap for each of %d keys", KEYS)
        .isBetween(50L, MOST_BYTES_PER_KEY);
    assertThat(adapter.usage().storedObjects()).isEqualTo(KEYS);
    adapter.close();
  }
}

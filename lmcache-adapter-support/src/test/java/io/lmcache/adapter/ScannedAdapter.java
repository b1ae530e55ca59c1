// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.awaitUntil;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.Extent;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An adapter over a storage that is in use already, and what the two must agree about. */
final class ScannedAdapter {

  final TestContext context = new TestContext();
  final MemoryStorage storage;
  final SteppedWalk walk = new SteppedWalk();

  ScannedAdapter(boolean exclusive) {
    this(exclusive, AdapterLimits.DEFAULT);
  }

  ScannedAdapter(boolean exclusive, AdapterLimits limits) {
    storage = new MemoryStorage(limits);
    storage.exclusive = exclusive;
    storage.walkStep = walk;
  }

  /** An object that is there before. */
  void had(ObjectKey key, int size) {
    byte[] bytes = new byte[size];
    Requests.filled(key, size).buffer().get(bytes);
    storage.objects.put(key, bytes);
  }

  /** Opens it; its scan waits at the first object. */
  BlockingL2Adapter open(int workers) throws IOException {
    return BlockingL2Adapter.open(storage, workers, 0, context);
  }

  /** Lets the scan go on, and waits for its end; by then its events have been delivered. */
  void endScan(BlockingL2Adapter adapter) {
    walk.goOn();
    awaitUntil(() -> !adapter.usage().recovering());
  }

  /** Usage in all and per salt, the listener's belief and lookups are what is in the storage. */
  void checkAgreement(BlockingL2Adapter adapter, Collection<ObjectKey> keys) {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    Map<String, Long> bySalt = new HashMap<>();
    storage.objects.forEach(
        (key, bytes) -> {
          sizes.put(key, (long) bytes.length);
          bySalt.merge(key.cacheSalt(), (long) bytes.length, Long::sum);
        });
    // Events come after the stage, and what damage has left in doubt is asked about after its load.
    Requests.waitFor(
        () ->
            adapter.usage().bytesBySalt().equals(bySalt)
                && adapter.usage().storedObjects() == sizes.size()
                && context.believed().equals(sizes));
    assertThat(adapter.usage().bytesBySalt()).isEqualTo(bySalt);
    assertThat(adapter.usage().storedObjects()).isEqualTo(sizes.size());
    assertThat(adapter.usage().storedBytes())
        .isEqualTo(sizes.values().stream().mapToLong(Long::longValue).sum());
    assertThat(context.contradictions()).isEmpty();
    assertThat(context.believed()).isEqualTo(sizes);
    List<ObjectKey> asked = List.copyOf(keys);
    assertThat(asked).containsAll(sizes.keySet());
    LookupLease lease =
        await(adapter.lookup(new LookupRequest(asked, Extent.ALL, false, Options.DEFAULT)));
    for (int i = 0; i < asked.size(); i++) {
      assertThat(lease.hit(i) ? (Long) lease.get(i).sizeBytes() : null)
          .as("size of %s", asked.get(i))
          .isEqualTo(sizes.get(asked.get(i)));
    }
  }

  /** Closes it; nothing may be left. */
  void close(BlockingL2Adapter adapter) {
    walk.goOn();
    assertThat(adapter.loans()).isZero();
    assertThat(adapter.status().pinnedKeys()).isZero();
    adapter.close();
    assertThat(context.liveThreads()).isEmpty();
    assertThat(storage.closed).hasValue(1);
  }
}

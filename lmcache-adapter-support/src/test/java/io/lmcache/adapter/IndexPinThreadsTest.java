// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.delete;
import static io.lmcache.adapter.Requests.key;
import static io.lmcache.adapter.Requests.store;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pins and deletes of one key from two threads, over an index that answers on the spot. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class IndexPinThreadsTest {

  /** How many of each must have been seen before the test ends. */
  private static final int ENOUGH = 200;

  /** Even while a lease holds the key. */
  private final AtomicLong leases = new AtomicLong(1);

  /** How many deletes have completed as DELETED; one less than stored while it may be there. */
  private final AtomicInteger deleted = new AtomicInteger();

  private final AtomicInteger stored = new AtomicInteger();

  @Test
  void noKeyIsDeletedUnderAPinAndNoHitIsOfADeletedObject() throws Exception {
    ScannedAdapter scanned = new ScannedAdapter(true);
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.endScan(adapter);
    List<ObjectKey> one = List.of(key(1));
    AtomicInteger hits = new AtomicInteger();
    AtomicInteger pinned = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(1);
    try {
      Future<?> looking = threads.submit(() -> look(adapter, one, hits, pinned));
      while (!looking.isDone()) {
        stored.set(deleted.get() + 1);
        await(store(adapter, one, 10));
        DeleteOutcome outcome = await(delete(adapter, one)).outcome(0);
        if (outcome == DeleteOutcome.DELETED) {
          // Nothing was stored since, so a lease that holds it now was given before.
          assertThat(leases.get() % 2).as("a lease holds what was deleted").isEqualTo(1);
          deleted.incrementAndGet();
        } else {
          assertThat(outcome).isEqualTo(DeleteOutcome.PINNED);
          pinned.incrementAndGet();
        }
      }
      looking.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdown();
    }
    assertThat(List.of(hits.get(), pinned.get(), deleted.get())).allMatch(count -> count >= ENOUGH);
    scanned.close(adapter);
  }

  private void look(
      BlockingL2Adapter adapter, List<ObjectKey> one, AtomicInteger hits, AtomicInteger pinned) {
    for (int i = 0; hits.get() < ENOUGH || pinned.get() < ENOUGH || deleted.get() < ENOUGH; i++) {
      int storesBefore = stored.get();
      int deletesBefore = deleted.get();
      LookupLease lease = await(adapter.lookup(LookupRequest.of(one)));
      if (lease.hit(0)) {
        leases.incrementAndGet();
        hits.incrementAndGet();
        boolean gone = storesBefore == deletesBefore && stored.get() == storesBefore;
        assertThat(gone).as("a hit after the delete and before the next store").isFalse();
        for (int spin = i % 500; spin > 0; spin--) {
          Thread.onSpinWait();
        }
        leases.incrementAndGet();
      }
      lease.close();
    }
  }
}

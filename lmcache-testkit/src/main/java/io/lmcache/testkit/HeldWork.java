// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Requests of every kind: a store, a load, a lookup and a delete in each round, each over a key of
 * its own, and now and then a page, to be submitted while storage is held and to be looked at when
 * it is not.
 *
 * <p>The objects to load, look up and delete are stored when this is made. Not for two threads at
 * once.
 */
final class HeldWork {

  private static final int SIZE = 1000;
  private static final int PAGE_EVERY = 8;

  private final AdapterUnderTest a;
  private final int rounds;
  private final List<MemoryObject> buffers;
  private final List<CompletionStage<StoreResult>> stores = new ArrayList<>();
  private final List<CompletionStage<LoadResult>> loads = new ArrayList<>();
  private final List<CompletionStage<LookupLease>> lookups = new ArrayList<>();
  private final List<CompletionStage<DeleteResult>> deletes = new ArrayList<>();
  private final List<CompletionStage<KeyPage>> pages = new ArrayList<>();

  HeldWork(AdapterUnderTest a, int rounds) {
    this.a = a;
    this.rounds = rounds;
    this.buffers = Ops.poisoned(a, rounds, SIZE);
    int most = Math.min(50, a.limits().maxKeysPerRequest());
    for (int from = rounds; from < 4 * rounds; from += most) {
      Ops.mustStore(a, a.keys(from, Math.min(most, 4 * rounds - from)), 1, SIZE);
    }
  }

  private ObjectKey toStore(int round) {
    return a.key(round);
  }

  private ObjectKey toLoad(int round) {
    return a.key(rounds + round);
  }

  private ObjectKey toLookUp(int round) {
    return a.key(2 * rounds + round);
  }

  private ObjectKey toDelete(int round) {
    return a.key(3 * rounds + round);
  }

  /** Submits these rounds; says how many requests are submitted by now. */
  int submit(int from, int count) {
    for (int i = from; i < from + count; i++) {
      stores.add(a.adapter().store(Ops.storeOf(a, toStore(i), 1, SIZE)));
      loads.add(a.adapter().load(Ops.loadOf(List.of(toLoad(i)), List.of(buffers.get(i)))));
      lookups.add(
          a.adapter()
              .lookup(new LookupRequest(List.of(toLookUp(i)), Extent.ALL, false, Options.DEFAULT)));
      deletes.add(a.adapter().delete(DeleteRequest.of(List.of(toDelete(i)))));
      if (i % PAGE_EVERY == 0) {
        pages.add(a.adapter().list(new ListRequest(a.model(), 10, null)));
      }
    }
    return 4 * stores.size() + pages.size();
  }

  /** How many buffers belong to stages that are not complete. */
  int lent() {
    return open(stores) + open(loads);
  }

  /** How many bytes belong to stores that are not complete. */
  long inFlight() {
    return (long) SIZE * open(stores);
  }

  private static int open(List<? extends CompletionStage<?>> stages) {
    return (int) stages.stream().filter(stage -> !stage.toCompletableFuture().isDone()).count();
  }

  /** Waits for all rounds and fails unless every request did what it should. */
  void assertDone() {
    assertThat(stores).as("rounds submitted").hasSize(rounds);
    for (int i = 0; i < rounds; i++) {
      assertThat(a.await("the store of " + toStore(i), stores.get(i)).outcome(0))
          .as("store of %s to storage that was held", toStore(i))
          .isEqualTo(StoreOutcome.STORED);
      assertThat(a.await("the load of " + toLoad(i), loads.get(i)).outcome(0))
          .as("load of %s from storage that was held", toLoad(i))
          .isEqualTo(LoadOutcome.LOADED);
      TestMemory.assertHolds(buffers.get(i), toLoad(i), 1);
      try (LookupLease lease = a.await("the lookup of " + toLookUp(i), lookups.get(i))) {
        assertThat(lease.hit(0)).as("lookup of %s in storage that was held", toLookUp(i)).isTrue();
      }
      assertThat(a.await("the delete of " + toDelete(i), deletes.get(i)).outcome(0))
          .as("delete of %s from storage that was held", toDelete(i))
          .isEqualTo(a.declines(Feature.DELETE) ? DeleteOutcome.FAILED : DeleteOutcome.DELETED);
    }
    for (CompletionStage<KeyPage> stage : pages) {
      KeyPage page = a.await("a page of held storage", stage);
      assertThat(page.error() != null)
          .as("error of a page of storage that was held: %s", page.error())
          .isEqualTo(a.declines(Feature.LIST));
    }
    Ops.mustLoad(a, toStore(0), 1, SIZE);
    Ops.mustLoad(a, toStore(rounds - 1), 1, SIZE);
  }
}

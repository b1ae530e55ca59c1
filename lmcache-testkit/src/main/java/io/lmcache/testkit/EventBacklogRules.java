// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What listeners hear in the end of what was done while they did not listen. */
abstract class EventBacklogRules {

  private static final int KEYS = 1600;
  private static final int SIZE = 10;

  /**
   * A listener does not return while 1,600 keys are stored and deleted, each by a request of its
   * own. When it goes on it hears of each key: stored, then removed, once each.
   *
   * <p>If this fails, look at queues of events that have an end: only {@code accessed} may be
   * dropped.
   */
  @Test
  @Rule({"EVENT-1", "EVENT-2", "EVENT-7"})
  void nothingIsForgottenWhenEventsBackUp(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(KEYS);
    ObjectKey first = a.key(KEYS);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    a.events()
        .react(
            event -> {
              if (event.key().equals(first)) {
                inside.countDown();
                await(goOn, a);
              }
            });
    try {
      Ops.mustStore(a, List.of(first), 1, SIZE);
      assertThat(await(inside, a)).as("EVENT-1: the listener hears of %s", first).isTrue();
      storeAndDelete(a, keys);
      assertThat(a.events().about(keys)).as("events of %d keys before it goes on", KEYS).isEmpty();
    } finally {
      goOn.countDown();
    }
    List<String> expected =
        a.declines(Feature.DELETE)
            ? List.of("STORED " + SIZE)
            : List.of("STORED " + SIZE, "REMOVED(DELETED) " + SIZE);
    int events = expected.size() * KEYS;
    Waiting.until(() -> a.events().about(keys).size() >= events, a.patience());
    a.awaitEvents();
    assertThat(a.events().about(keys).size())
        .as("EVENT-1: events of %d keys that were stored and deleted while none was heard", KEYS)
        .isEqualTo(events);
    for (ObjectKey key : keys.subList(0, 20)) {
      assertThat(a.events().summaries(key)).as("EVENT-7: events of %s", key).isEqualTo(expected);
    }
    for (ObjectKey key : keys.subList(KEYS - 20, KEYS)) {
      assertThat(a.events().summaries(key)).as("EVENT-7: events of %s", key).isEqualTo(expected);
    }
  }

  private static void storeAndDelete(AdapterUnderTest a, List<ObjectKey> keys) {
    List<CompletionStage<StoreResult>> stores = new ArrayList<>();
    keys.forEach(key -> stores.add(a.adapter().store(Ops.storeOf(a, key, 1, SIZE))));
    for (CompletionStage<StoreResult> store : stores) {
      assertThat(a.await("a store while a listener is busy", store).outcome(0))
          .as("EVENT-6: one of %d stores", KEYS)
          .isEqualTo(StoreOutcome.STORED);
    }
    if (a.declines(Feature.DELETE)) {
      return;
    }
    List<CompletionStage<DeleteResult>> deletes = new ArrayList<>();
    keys.forEach(key -> deletes.add(a.adapter().delete(DeleteRequest.of(List.of(key)))));
    for (CompletionStage<DeleteResult> delete : deletes) {
      assertThat(a.await("a delete while a listener is busy", delete).outcome(0))
          .as("EVENT-6: one of %d deletes", KEYS)
          .isEqualTo(DeleteOutcome.DELETED);
    }
  }

  private static boolean await(CountDownLatch latch, AdapterUnderTest a) {
    try {
      return latch.await(a.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

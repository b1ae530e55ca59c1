// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Uses an adapter in every way, to see what it leaves behind. */
final class Exercise {

  private static final int SIZE = 1200;

  private Exercise() {}

  /**
   * Opens, uses and closes another adapter, again and again; nothing may be there that was not
   * there before.
   */
  static void assertNothingLeft(
      AdapterUnderTest a, String rule, String what, Supplier<Map<String, String>> there)
      throws L2ConfigException, IOException {
    // Its threads may still be on the way to their names, so it is closed before the first look.
    a.close();
    assertThreadsEnd(a, rule);
    Map<String, String> before = there.get();
    AdapterUnderTest other = a.sibling();
    int times = 3;
    for (int i = 0; i < times; i++) {
      if (i > 0) {
        other.reopen();
      }
      inEveryWay(other, 10 * i);
    }
    other.close();
    assertThreadsEnd(other, rule);
    assertThat(Settled.added(a, what, before, there))
        .as("%s: left by %d adapters that were opened, used and closed", rule, times)
        .isEmpty();
  }

  private static void assertThreadsEnd(AdapterUnderTest a, String rule) {
    for (Instance instance : a.instances()) {
      Waiting.until(() -> instance.context().liveThreads().isEmpty(), a.patience());
      assertThat(instance.context().liveThreads())
          .as("%s: threads that an adapter had from its context, after its close", rule)
          .isEmpty();
    }
  }

  /** Every operation with every usual outcome. */
  private static void inEveryWay(AdapterUnderTest a, int from) {
    List<ObjectKey> keys = a.keys(from, 4);
    Ops.mustStore(a, keys, 1, SIZE);
    is(StoreOutcome.ALREADY_PRESENT, Ops.store(a, keys.get(0), 1, SIZE), keys.get(0));
    is(StoreOutcome.STORED, Ops.store(a, keys.get(1), 2, 2 * SIZE), keys.get(1));
    if (!a.declines(Feature.REPLACE)) {
      Ops.store(a, Ops.storeOf(a, keys.subList(2, 3), 2, SIZE, StoreMode.REPLACE));
    }
    Ops.mustLoad(a, keys.get(1), 2, 2 * SIZE);
    MemoryObject other = a.poisoned(SIZE + 1);
    is(LoadOutcome.SIZE_MISMATCH, Ops.load(a, keys.get(0), other), keys.get(0));
    is(LoadOutcome.NOT_FOUND, Ops.load(a, a.key(9999), other), a.key(9999));
    try (LookupLease lease = Ops.lookup(a, keys, Extent.PREFIX, true)) {
      assertThat(lease.hit(3)).as("whether %s is a hit", keys.get(3)).isTrue();
    }
    if (!a.declines(Feature.LIST)) {
      // Only the first page: the walk is given up.
      a.await("a page", a.adapter().list(new ListRequest(a.model(), 1, null)));
      assertThat(Ops.list(a, 2)).as("a listing").containsKeys(keys.toArray(ObjectKey[]::new));
    }
    if (!a.declines(Feature.DELETE)) {
      is(DeleteOutcome.DELETED, Ops.delete(a, keys.get(3)), keys.get(3));
      is(DeleteOutcome.ABSENT, Ops.delete(a, keys.get(3)), keys.get(3));
    }
  }

  private static void is(Enum<?> expected, Enum<?> outcome, ObjectKey key) {
    assertThat(outcome).as("what became of %s", key).isEqualTo(expected);
  }
}

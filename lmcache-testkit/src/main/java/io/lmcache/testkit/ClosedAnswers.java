// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Submits requests to a closed adapter: each of their keys must fail with CLOSED. */
final class ClosedAnswers {

  private static final int SIZE = 1200;

  private ClosedAnswers() {}

  /** Stores. */
  static void assertStoresClosed(AdapterUnderTest a, List<ObjectKey> keys, StoreMode mode) {
    StoreResult result = Ops.store(a, Ops.storeOf(a, keys, 2, SIZE, mode));
    for (int i = 0; i < keys.size(); i++) {
      assertClosed("store of " + keys.get(i), result.outcome(i), result.error(i));
    }
  }

  /** Loads, and lookups with pins. */
  static void assertLoadsAndLookupsClosed(AdapterUnderTest a, List<ObjectKey> keys) {
    LoadResult loads = Ops.load(a, keys, Ops.poisoned(a, keys.size(), SIZE));
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, true)) {
      for (int i = 0; i < keys.size(); i++) {
        assertClosed("load of " + keys.get(i), loads.outcome(i), loads.error(i));
        assertThat(lease.hit(i)).as("CLOSE-1: whether %s is a hit", keys.get(i)).isFalse();
        Ops.assertError("CLOSE-1: lookup of " + keys.get(i), lease.error(i), L2ErrorCode.CLOSED);
      }
    }
    assertThat(a.adapter().status().pinnedKeys()).as("CLOSE-1: pinned keys").isZero();
  }

  private static void assertClosed(String what, Enum<?> outcome, @Nullable L2Error error) {
    assertThat(outcome.name()).as("CLOSE-1: outcome of the %s", what).isEqualTo("FAILED");
    Ops.assertError("CLOSE-1: " + what, error, L2ErrorCode.CLOSED);
  }

  /** Deletes and a listing, as far as the adapter has them. */
  static void assertDeletesAndPagesClosed(AdapterUnderTest a, List<ObjectKey> keys) {
    if (!a.declines(Feature.DELETE)) {
      DeleteResult deletes = Ops.delete(a, keys);
      for (int i = 0; i < keys.size(); i++) {
        assertClosed("delete of " + keys.get(i), deletes.outcome(i), deletes.error(i));
      }
    }
    if (!a.declines(Feature.LIST)) {
      KeyPage page = a.await("a page after close", a.adapter().list(ListRequest.first(10)));
      Ops.assertError(
          "CLOSE-1: a page after close, " + keys.size() + " keys",
          page.error(),
          L2ErrorCode.CLOSED);
      assertThat(page.entries()).as("CLOSE-1: entries of a page after close").isEmpty();
    }
  }
}

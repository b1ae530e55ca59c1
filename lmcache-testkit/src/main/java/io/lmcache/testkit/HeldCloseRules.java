// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a close does that the storage does not let end. */
abstract class HeldCloseRules {

  private static final int SIZE = 1200;

  /**
   * Close while the storage holds a load and hundreds of requests wait behind it.
   *
   * <p>If this fails, look at what frees buffers, descriptors and workers in close: not before the
   * storage has let go of them; and at waits in close that have no bound.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldLoadOutlivesClose(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    Ops.mustStore(a, List.of(key), 1, SIZE);
    MemoryObject into = a.poisoned(SIZE);
    LoadResult result =
        HeldClose.close(a, 1, 0, () -> a.adapter().load(Ops.loadOf(List.of(key), List.of(into))));
    assertThat(result.outcome(0))
        .as("CLOSE-4: load of %s that was held over the close; %s", key, result.error(0))
        .isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(into, key, 1);
  }

  /**
   * The same with a held store, which is there after reopening.
   *
   * <p>If this fails, look at what a close takes away from a store that is being written: its
   * temporary file, its buffer, its place in the count.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldStoreOutlivesClose(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    StoreResult result =
        HeldClose.close(a, 1, SIZE, () -> a.adapter().store(Ops.storeOf(a, key, 1, SIZE)));
    assertThat(result.outcome(0))
        .as("CLOSE-4: store of %s that was held over the close; %s", key, result.error(0))
        .isEqualTo(StoreOutcome.STORED);
    a.reopen();
    if (!a.declines(Feature.PERSISTENCE)) {
      Ops.mustLoad(a, key, 1, SIZE);
    }
  }

  /**
   * The same with a held delete.
   *
   * <p>If this fails, look at requests without buffers: close must not forget them because nothing
   * is lent.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldDeleteOutlivesClose(AdapterUnderTest a) {
    ObjectKey key = a.key(0);
    Ops.mustStore(a, List.of(key), 1, SIZE);
    Stall stall = a.stall();
    if (a.declines(Feature.DELETE)) {
      stall.hold();
      DeleteResult result = Ops.delete(a, List.of(key));
      Ops.assertError("a declined delete of " + key, result.error(0), L2ErrorCode.DECLINED);
      stall.release();
      Ops.mustLoad(a, key, 1, SIZE);
      return;
    }
    DeleteResult result =
        HeldClose.close(a, 0, -SIZE, () -> a.adapter().delete(DeleteRequest.of(List.of(key))));
    assertThat(result.outcome(0))
        .as("CLOSE-4: delete of %s that was held over the close; %s", key, result.error(0))
        .isEqualTo(DeleteOutcome.DELETED);
    a.reopen();
    assertThat(Ops.isThere(a, key)).as("CLOSE-4: whether %s is there after it", key).isFalse();
  }

  /**
   * The same with a page that is held, and pages that wait behind it.
   *
   * <p>If this fails, look at whether listings are counted, cancelled and waited for as keys are.
   */
  @Test
  @Rule("CLOSE-4")
  void aHeldPageOutlivesClose(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(3);
    Ops.mustStore(a, keys, 1, SIZE);
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    HeldClose.closeWithPages(a, keys);
  }
}

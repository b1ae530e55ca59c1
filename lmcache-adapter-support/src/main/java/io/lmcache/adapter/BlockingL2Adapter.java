// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2AdapterContext;
import java.io.IOException;
import java.util.Objects;

/**
 * A full adapter over a {@link BlockingStorage}: a pool of workers that calls it, lending, exactly
 * one completion, pins, the order of operations on a key, accounting, events, limits, deadlines,
 * priorities and a close with a bound.
 *
 * <p>{@code StoreMode.IF_ABSENT} is a {@link BlockingStorage#stat} and, unless it finds an object
 * of the same size, a {@link BlockingStorage#put}; no other store or delete of this adapter comes
 * between the two. What the storage's {@link BlockingStorage#limits} rule out never reaches it.
 */
public final class BlockingL2Adapter extends BackendL2Adapter {

  private BlockingL2Adapter(WorkerPool pool, long capacityBytes, L2AdapterContext context) {
    super(pool, Capacity.of(capacityBytes), context);
  }

  /**
   * Opens an adapter: counts and reports what is there, then serves.
   *
   * @param storage what to serve; the adapter closes it, also if it cannot be opened
   * @param workers how many threads call the storage, at least one
   * @param capacityBytes the capacity that usage is measured against; 0 for none
   * @param context what the adapter may use until it is closed
   * @throws IOException if the storage cannot be walked or a worker not be started; the storage is
   *     closed then, and no thread is left
   */
  public static BlockingL2Adapter open(
      BlockingStorage storage, int workers, long capacityBytes, L2AdapterContext context)
      throws IOException {
    Objects.requireNonNull(storage, "storage");
    Objects.requireNonNull(context, "context");
    BlockingL2Adapter adapter;
    try {
      BlockingStorage used = context instanceof StorageSeam seam ? seam.around(storage) : storage;
      WorkerPool pool = new WorkerPool(used, workers, context);
      adapter = new BlockingL2Adapter(pool, capacityBytes, context);
    } catch (RuntimeException | Error e) {
      StorageKeeper.close(storage, context.name());
      throw e;
    }
    adapter.begin();
    return adapter;
  }
}

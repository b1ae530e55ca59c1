// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.spi.Extent;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests of one size, made once and sent one after another, each when the one before is answered.
 * For one thread.
 */
final class AdapterCalls implements AutoCloseable {

  private final FsNative adapter;
  private final Memory from;
  private final Memory into;
  private final List<LookupRequest> lookups = new ArrayList<>();
  private final List<LoadRequest> loads = new ArrayList<>();
  private int next;
  private boolean loaded;

  private AdapterCalls(FsNative adapter, Memory from, Memory into) {
    this.adapter = adapter;
    this.from = from;
    this.into = into;
  }

  /**
   * Opens an adapter in an empty directory and stores the objects.
   *
   * @param shared whether lookups ask the file system; else they ask the index
   */
  static AdapterCalls open(
      Path directory, boolean shared, int workers, int batch, int keys, int objectBytes)
      throws IOException {
    FsNative adapter =
        FsNative.open(directory, "\"shared\": " + shared, "\"num_workers\": " + workers);
    AdapterCalls calls =
        new AdapterCalls(
            adapter,
            Memory.of(batch, objectBytes).random(5),
            Memory.of(batch, objectBytes).poison());
    for (int first = 0; first + batch <= keys; first += batch) {
      calls.add(first, batch);
    }
    return calls;
  }

  private void add(int first, int batch) throws IOException {
    List<ObjectKey> keys = new ArrayList<>();
    List<StoreItem> stores = new ArrayList<>();
    List<LoadItem> targets = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      ObjectKey key = FsNative.key(first + i);
      keys.add(key);
      stores.add(new StoreItem(key, from.slot(i)));
      targets.add(LoadItem.of(key, into.slot(i)));
    }
    lookups.add(new LookupRequest(keys, Extent.ALL, false, Options.DEFAULT));
    loads.add(LoadRequest.of(targets));
    var result = FsNative.await(adapter.adapter().store(StoreRequest.of(stores)));
    if (result.count(StoreOutcome.STORED) != batch) {
      throw new IOException("not all were stored: " + result);
    }
  }

  /** Looks the next keys up; returns how many were there. */
  int lookUp() {
    try (LookupLease lease = FsNative.await(adapter.adapter().lookup(lookups.get(turn())))) {
      int hits = 0;
      for (int i = 0; i < lease.size(); i++) {
        hits += lease.hit(i) ? 1 : 0;
      }
      return must(hits, lease.size());
    }
  }

  /** Loads the next objects; returns how many were. */
  int load() {
    LoadResult result = FsNative.await(adapter.adapter().load(loads.get(turn())));
    loaded = true;
    return must(result.count(LoadOutcome.LOADED), result.size());
  }

  private static int must(int good, int all) {
    if (good != all) {
      throw new IllegalStateException("only " + good + " of " + all + " keys were there");
    }
    return good;
  }

  private int turn() {
    int now = next;
    next = now + 1 == loads.size() ? 0 : now + 1;
    return now;
  }

  /** Compares what the last load brought, if there was one; objects of a slot hold the same. */
  void verify(int batch) {
    if (loaded) {
      into.mustEqual(from, batch, "load");
    }
  }

  @Override
  public void close() {
    adapter.close();
    from.close();
    into.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Passes everything on, and remembers the stages that were handed out, so that one that never
 * completes is found at the end of any test. Safe for use by many threads.
 */
final class TrackedAdapter implements L2Adapter {

  /**
   * A stage that was handed out.
   *
   * @param what the operation, with its first key
   * @param stage what was handed out
   */
  record Submitted(String what, CompletionStage<?> stage) {}

  private final L2Adapter adapter;
  private final List<Submitted> submitted = new ArrayList<>();

  TrackedAdapter(L2Adapter adapter) {
    this.adapter = adapter;
  }

  private <T> CompletionStage<T> track(
      String operation, List<ObjectKey> keys, CompletionStage<T> stage) {
    String what =
        operation + (keys.isEmpty() ? "" : " of " + keys.size() + " keys, first " + keys.get(0));
    synchronized (submitted) {
      submitted.add(new Submitted(what, stage));
    }
    return stage;
  }

  /** Every stage that was handed out so far. */
  List<Submitted> submitted() {
    synchronized (submitted) {
      return List.copyOf(submitted);
    }
  }

  @Override
  public AdapterLimits limits() {
    return adapter.limits();
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    CompletionStage<StoreResult> stage = adapter.store(request);
    return track("store", request.items().stream().map(StoreItem::key).toList(), stage);
  }

  @Override
  public CompletionStage<LookupLease> lookup(LookupRequest request) {
    CompletionStage<LookupLease> stage = adapter.lookup(request);
    return track("lookup", request.keys(), stage);
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    CompletionStage<LoadResult> stage = adapter.load(request);
    return track("load", request.items().stream().map(LoadItem::key).toList(), stage);
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    CompletionStage<DeleteResult> stage = adapter.delete(request);
    return track("delete", request.keys(), stage);
  }

  @Override
  public CompletionStage<KeyPage> list(ListRequest request) {
    return track("list", List.of(), adapter.list(request));
  }

  @Override
  public AdapterUsage usage() {
    return adapter.usage();
  }

  @Override
  public AdapterStatus status() {
    return adapter.status();
  }

  @Override
  public int loans() {
    return adapter.loans();
  }

  @Override
  public CloseReport close(Duration bound) {
    return adapter.close(bound);
  }
}

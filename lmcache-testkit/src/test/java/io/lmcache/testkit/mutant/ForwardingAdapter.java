// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Passes everything on. */
class ForwardingAdapter implements L2Adapter {

  protected final L2Adapter sound;

  ForwardingAdapter(L2Adapter sound) {
    this.sound = sound;
  }

  @Override
  public AdapterLimits limits() {
    return sound.limits();
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    return sound.store(request);
  }

  @Override
  public CompletionStage<LookupLease> lookup(LookupRequest request) {
    return sound.lookup(request);
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    return sound.load(request);
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    return sound.delete(request);
  }

  @Override
  public CompletionStage<KeyPage> list(ListRequest request) {
    return sound.list(request);
  }

  @Override
  public AdapterUsage usage() {
    return sound.usage();
  }

  @Override
  public AdapterStatus status() {
    return sound.status();
  }

  @Override
  public int loans() {
    return sound.loans();
  }

  @Override
  public CloseReport close(Duration bound) {
    return sound.close(bound);
  }
}

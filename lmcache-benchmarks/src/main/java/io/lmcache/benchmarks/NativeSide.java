// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/**
 * {@code fs_native}. With a buffer for each object all of them are one request, as a prompt's
 * chunks are; with fewer, each buffer goes from request to request of one key.
 */
final class NativeSide implements Work.Side {

  private final Work work;
  private final FsNative adapter;

  private NativeSide(Work work, FsNative adapter) {
    this.work = work;
    this.adapter = adapter;
  }

  static NativeSide open(Work work, String checksum) throws IOException {
    return new NativeSide(
        work,
        FsNative.open(
            work.directory(),
            "\"num_workers\": " + work.workers(),
            "\"use_odirect\": " + (work.direct() ? "\"require\"" : "false"),
            "\"checksum\": \"" + checksum + '"'));
  }

  @Override
  public long store(Memory from) throws InterruptedException {
    if (work.buffers() == work.objects()) {
      StoreRequest all = StoreRequest.of(indices().mapToObj(i -> item(i, from)).toList());
      return Chains.nanos(1, 1, i -> store(all));
    }
    return Chains.nanos(
        work.buffers(), work.objects(), i -> store(StoreRequest.of(List.of(item(i, from)))));
  }

  private StoreItem item(int i, Memory from) {
    return new StoreItem(FsNative.key(i), from.slot(i % work.buffers()));
  }

  private CompletionStage<?> store(StoreRequest request) {
    return adapter
        .adapter()
        .store(request)
        .thenAccept(
            result -> {
              if (result.count(StoreOutcome.STORED) != request.items().size()) {
                throw new IllegalStateException("not all were stored: " + result);
              }
            });
  }

  @Override
  public long load(Memory into, int passes) throws InterruptedException {
    if (work.buffers() == work.objects()) {
      LoadRequest all = LoadRequest.of(indices().mapToObj(i -> target(i, into)).toList());
      return Chains.nanos(1, passes, i -> load(all));
    }
    return Chains.nanos(
        work.buffers(),
        work.objects() * passes,
        i -> load(LoadRequest.of(List.of(target(i % work.objects(), into)))));
  }

  private LoadItem target(int i, Memory into) {
    return LoadItem.of(FsNative.key(i), into.slot(i % work.buffers()));
  }

  private CompletionStage<?> load(LoadRequest request) {
    return adapter
        .adapter()
        .load(request)
        .thenAccept(
            result -> {
              if (result.count(LoadOutcome.LOADED) != request.items().size()) {
                throw new IllegalStateException("not all were loaded: " + result);
              }
            });
  }

  private IntStream indices() {
    return IntStream.range(0, work.objects());
  }

  @Override
  public boolean fillsMemory() {
    return true;
  }

  @Override
  public List<Path> files() throws IOException {
    return adapter.files();
  }

  @Override
  public void close() {
    adapter.close();
  }
}

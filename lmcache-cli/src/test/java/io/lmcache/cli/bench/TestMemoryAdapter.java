// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Feature;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps objects on the heap, answers at once, and makes one mistake if told to. */
final class TestMemoryAdapter implements L2Adapter {

  private static final L2Error DISK_FULL =
      new L2Error(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "ENOSPC", "write /x: disk full");

  private final TestMemoryConfig config;
  private final TestFault fault;
  private final TestPlace place;
  private final AtomicInteger faultyKeys = new AtomicInteger();

  TestMemoryAdapter(TestMemoryConfig config, TestFault fault, TestPlace place) {
    this.config = config;
    this.fault = fault;
    this.place = place;
  }

  /** Whether this key gets the fault; asked once per key of the operation. */
  private boolean strikes(TestFault which) {
    if (fault != which) {
      return false;
    }
    int number = faultyKeys.getAndIncrement();
    return config.nth() < 0 || config.nth() == number;
  }

  @Override
  public AdapterLimits limits() {
    return new AdapterLimits(
        fault == TestFault.SMALL_LIMITS ? 2048 : AdapterLimits.MAX_OBJECT_BYTES,
        fault == TestFault.SMALL_LIMITS ? 3 : AdapterLimits.MAX_KEYS_PER_REQUEST,
        ObjectKey.MAX_CANONICAL_BYTES,
        1,
        fault == TestFault.WIDE_UNIT ? 4 << 20 : 1,
        fault == TestFault.DELETE_DECLINED ? Set.of(Feature.DELETE) : Set.of());
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    place.calls.add("store " + request.items().size());
    trace("", "stored");
    if (strikes(TestFault.STORE_THROWS)) {
      throw new IllegalArgumentException("no");
    }
    if (strikes(TestFault.STORE_BREAKS)) {
      return CompletableFuture.failedFuture(new IllegalStateException("broken"));
    }
    if (strikes(TestFault.STORE_HANGS)) {
      return new CompletableFuture<>();
    }
    if (strikes(TestFault.STORE_ANSWERS_NOTHING)) {
      return CompletableFuture.completedFuture(new StoreResult(List.of()));
    }
    return CompletableFuture.completedFuture(
        new StoreResult(request.items().stream().map(this::store).toList()));
  }

  private KeyResult<StoreOutcome> store(StoreItem item) {
    place.storeBuffers.add(item.object());
    place.everStored.add(item.key());
    if (strikes(TestFault.STORE_FAILS)) {
      return KeyResult.of(StoreOutcome.FAILED, DISK_FULL);
    }
    if (strikes(TestFault.STORE_DROPS)) {
      return KeyResult.of(StoreOutcome.STORED);
    }
    byte[] bytes = new byte[item.object().sizeBytes()];
    item.object().buffer().get(bytes);
    byte[] old = place.objects.get(item.key());
    if (old != null && old.length == bytes.length) {
      return KeyResult.of(StoreOutcome.ALREADY_PRESENT);
    }
    place.objects.put(item.key(), bytes);
    place.everHeld.put(item.key(), bytes);
    return KeyResult.of(StoreOutcome.STORED);
  }

  @Override
  public CompletionStage<LookupLease> lookup(LookupRequest request) {
    place.calls.add("lookup " + request.keys().size());
    List<Long> sizes = new ArrayList<>();
    for (ObjectKey key : request.keys()) {
      byte[] bytes = place.objects.get(key);
      long size = bytes == null ? TestLease.MISS : bytes.length;
      if (strikes(TestFault.LOOKUP_LIES_HIT)) {
        size = 1024;
      } else if (strikes(TestFault.LOOKUP_LIES_MISS)) {
        size = TestLease.MISS;
      } else if (strikes(TestFault.LOOKUP_FAILS)) {
        size = TestLease.ERROR;
      } else if (size >= 0 && strikes(TestFault.LOOKUP_WRONG_SIZE)) {
        size++;
      }
      sizes.add(size);
    }
    return CompletableFuture.completedFuture(new TestLease(sizes));
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    place.calls.add("load " + request.items().size());
    return CompletableFuture.completedFuture(
        new LoadResult(request.items().stream().map(this::load).toList()));
  }

  private KeyResult<LoadOutcome> load(LoadItem item) {
    ByteBuffer target = item.object().buffer();
    byte[] before = new byte[target.remaining()];
    target.duplicate().get(before);
    place.loads.add(new TestPlace.Load(item.key(), item.object(), ByteBuffer.wrap(before)));
    byte[] bytes = place.objects.get(item.key());
    if (strikes(TestFault.LOAD_WRITES_NOTHING)) {
      return KeyResult.of(LoadOutcome.LOADED);
    }
    if (bytes == null || strikes(TestFault.LOAD_MISSES)) {
      return KeyResult.of(LoadOutcome.NOT_FOUND);
    }
    if (strikes(TestFault.LOAD_FAILS)) {
      return KeyResult.of(LoadOutcome.FAILED, DISK_FULL);
    }
    if (bytes.length != target.remaining()) {
      return KeyResult.of(LoadOutcome.SIZE_MISMATCH);
    }
    target.put(bytes);
    if (strikes(TestFault.LOAD_FLIPS_BIT)) {
      target.put(config.offset(), (byte) (bytes[config.offset()] ^ 0x10));
    }
    return KeyResult.of(LoadOutcome.LOADED);
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    place.calls.add("delete " + request.keys().size());
    return CompletableFuture.completedFuture(
        new DeleteResult(request.keys().stream().map(this::delete).toList()));
  }

  private KeyResult<DeleteOutcome> delete(ObjectKey key) {
    if (strikes(TestFault.DELETE_FAILS)) {
      return KeyResult.of(
          DeleteOutcome.FAILED, L2Error.of(L2ErrorCode.ACCESS, Retry.NEVER, "unlink /x: denied"));
    }
    return KeyResult.of(
        place.objects.remove(key) == null ? DeleteOutcome.ABSENT : DeleteOutcome.DELETED);
  }

  @Override
  public CompletionStage<KeyPage> list(ListRequest request) {
    return CompletableFuture.completedFuture(
        KeyPage.failed(L2Error.of(L2ErrorCode.DECLINED, Retry.NEVER, "not needed")));
  }

  @Override
  public AdapterUsage usage() {
    return new AdapterUsage(0, place.objects.size(), 0, 0, false, Map.of());
  }

  @Override
  public AdapterStatus status() {
    Map<String, String> details = new HashMap<>();
    if (!config.basePath().isEmpty()) {
      details.put("base_path", config.basePath());
    }
    if (!config.odirect().isEmpty()) {
      details.put("odirect", config.odirect());
      details.put("direct_stores", Integer.toString(place.storeBuffers.size()));
      details.put("direct_loads", Integer.toString(place.loads.size()));
      int fallbacks = fault == TestFault.FALLS_BACK ? place.calls.size() : 0;
      details.put("odirect_fallback_length", Integer.toString(fallbacks));
      details.put("odirect_fallback_note", "not a number");
    }
    return new AdapterStatus(Health.OK, "", 0, List.of(), List.of(), details);
  }

  @Override
  public int loans() {
    return 0;
  }

  @Override
  public CloseReport close(Duration bound) {
    place.calls.add("close");
    trace(".closed", "left " + place.objects.size());
    return CloseReport.IDLE;
  }

  /** Writes a file that appears whole, for tests in another process to wait for. */
  private void trace(String suffix, String text) {
    if (config.trace().isEmpty()) {
      return;
    }
    Path file = Path.of(config.trace() + suffix);
    if (Files.exists(file)) {
      return;
    }
    try {
      Files.writeString(Path.of(file + ".tmp"), text);
      Files.move(Path.of(file + ".tmp"), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.adapter.PinTable;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Hit;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An adapter around another one that fails some of its keys, delays and hangs requests, damages
 * bytes and throws, as {@link FaultInjectConfig} says. Which keys have which fault is a function of
 * seed and key, so a run can be repeated and a caller's retry meets the same fault again.
 *
 * <p>Keys that fail to be stored, looked up or deleted never reach the inner adapter. Keys that
 * fail to load do, as upstream's: their buffers are written, their outcome is changed, and the
 * listener hears of the access. Listings have no faults. Of a request that hung, the lease names
 * the thread that let it go. Events are the inner adapter's own, so one may come a moment before
 * the stage that this adapter makes of the inner one's.
 *
 * <p>Health and failures in its status are the inner adapter's: what fails here says nothing about
 * a storage, and is counted as {@code faults_injected}.
 *
 * <p><b>Threads.</b> Requests run on the thread that submits them, or, with a latency, on one timer
 * thread. <b>It cannot hang</b> by itself: what {@code hang_every} holds waits in {@link
 * HeldRequests} without a thread, until {@link #release} or the close.
 */
public final class FaultInjectingL2Adapter implements L2Adapter {

  private static final L2Error CLOSED = L2Error.closed("the adapter is closed");

  private final L2Adapter inner;
  private final FaultInjectConfig config;
  private final Faults faults;
  private final Clock clock;
  private final HeldRequests held;
  private final AtomicInteger loans = new AtomicInteger();
  private final AtomicLong injected = new AtomicLong();

  /** Bytes of stores that wait here, which the inner adapter does not count yet. */
  private final AtomicLong heldBytes = new AtomicLong();

  FaultInjectingL2Adapter(L2Adapter inner, FaultInjectConfig config, L2AdapterContext context) {
    this.inner = inner;
    this.config = config;
    this.clock = context.clock();
    this.faults = new Faults(config);
    this.held =
        new HeldRequests(
            Duration.ofMillis(config.latencyMs()), config.hangEvery(), context.threads());
  }

  /** Lets go of the requests that hang now; later ones hang again. */
  public void release() {
    held.release();
  }

  /** How many requests hang now. */
  public int hanging() {
    return held.hanging();
  }

  @Override
  public AdapterLimits limits() {
    return inner.limits();
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    List<ObjectKey> keys = request.items().stream().map(StoreItem::key).toList();
    check(keys);
    Split split = new Split(keys, faults::failsToStore);
    List<StoreItem> rest = split.rest(request.items());
    long bytes = request.items().stream().mapToLong(item -> item.object().sizeBytes()).sum();
    heldBytes.addAndGet(bytes);
    return lent(
        keys.size(),
        () ->
            held.pass(
                keys.size(),
                () -> {
                  heldBytes.addAndGet(-bytes);
                  return (rest.isEmpty()
                          ? CompletableFuture.completedStage(new StoreResult(List.of()))
                          : inner.store(new StoreRequest(rest, request.mode(), request.options())))
                      .thenApply(r -> new StoreResult(split.merge(r.keys(), this::storeFault)));
                },
                () -> {
                  heldBytes.addAndGet(-bytes);
                  return new StoreResult(closed(keys, StoreOutcome.FAILED));
                }));
  }

  @Override
  public CompletionStage<LookupLease> lookup(LookupRequest request) {
    List<ObjectKey> keys = request.keys();
    check(keys);
    Split split = new Split(keys, faults::failsToLookUp);
    List<ObjectKey> asked = PartialLease.toAsk(request, split);
    return held.pass(
        keys.size(),
        () ->
            (asked.isEmpty()
                    ? CompletableFuture.completedStage(noHits(keys, key -> null))
                    : inner.lookup(
                        new LookupRequest(
                            asked, request.extent(), request.pin(), request.options())))
                .thenApply(lease -> PartialLease.of(lease, request, split, this::lookupFault)),
        () -> noHits(keys, key -> CLOSED));
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    List<ObjectKey> keys = request.items().stream().map(LoadItem::key).toList();
    check(keys);
    return lent(
        keys.size(),
        () ->
            held.pass(
                keys.size(),
                () -> inner.load(request).thenApply(result -> damaged(request, result)),
                () -> new LoadResult(closed(keys, LoadOutcome.FAILED))));
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    List<ObjectKey> keys = request.keys();
    check(keys);
    Split split = new Split(keys, faults::failsToDelete);
    List<ObjectKey> rest = split.rest(keys);
    return held.pass(
        keys.size(),
        () ->
            (rest.isEmpty()
                    ? CompletableFuture.completedStage(new DeleteResult(List.of()))
                    : inner.delete(new DeleteRequest(rest, request.options())))
                .thenApply(r -> new DeleteResult(split.merge(r.keys(), this::deleteFault))),
        () -> new DeleteResult(closed(keys, DeleteOutcome.FAILED)));
  }

  @Override
  public CompletionStage<KeyPage> list(ListRequest request) {
    return inner.list(request);
  }

  /** Misuse is refused before anything is held; then the defect of {@code throw_rate}. */
  private void check(List<ObjectKey> keys) {
    int most = limits().maxKeysPerRequest();
    if (keys.size() > most) {
      throw new IllegalArgumentException(
          "a request may have " + most + " keys, this one has " + keys.size());
    }
    for (ObjectKey key : keys) {
      if (faults.throwsAtSubmit(key)) {
        injected.incrementAndGet();
        throw new IllegalStateException("fault_inject: throw_rate chose " + key);
      }
    }
  }

  /** Counts buffers as lent until the stage is complete: before whoever waits for it goes on. */
  private <T> CompletionStage<T> lent(int buffers, Supplier<CompletionStage<T>> submit) {
    loans.addAndGet(buffers);
    try {
      return submit.get().whenComplete((result, thrown) -> loans.addAndGet(-buffers));
    } catch (RuntimeException | Error e) {
      loans.addAndGet(-buffers);
      throw e;
    }
  }

  private KeyResult<StoreOutcome> storeFault(ObjectKey key) {
    return KeyResult.of(StoreOutcome.FAILED, fault("store", "store_fail_rate", key));
  }

  private KeyResult<DeleteOutcome> deleteFault(ObjectKey key) {
    return KeyResult.of(DeleteOutcome.FAILED, fault("delete", "delete_fail_rate", key));
  }

  private L2Error lookupFault(ObjectKey key) {
    return fault("look up", "lookup_fail_rate", key);
  }

  private L2Error fault(String operation, String field, ObjectKey key) {
    if (held.isClosed()) {
      return CLOSED;
    }
    injected.incrementAndGet();
    return Split.fault(operation, field, key);
  }

  private LoadResult damaged(LoadRequest request, LoadResult result) {
    Set<Integer> gaps = faults.gaps(result.size());
    List<KeyResult<LoadOutcome>> keys = new ArrayList<>(result.keys());
    for (int i = 0; i < keys.size(); i++) {
      ObjectKey key = request.items().get(i).key();
      if (result.outcome(i) != LoadOutcome.LOADED) {
        continue;
      }
      if (gaps.contains(i) || faults.failsToLoad(key)) {
        String field = gaps.contains(i) ? "gap_indices or gap_tail_ratios" : "rate";
        keys.set(i, KeyResult.of(LoadOutcome.FAILED, fault("load", field, key)));
      } else if (faults.isCorrupted(key)) {
        corrupt(key, request.items().get(i).object());
      }
    }
    return new LoadResult(keys);
  }

  private void corrupt(ObjectKey key, MemoryObject object) {
    if (object.sizeBytes() > 0) {
      long bit = faults.wrongBit(key, object.sizeBytes());
      ByteBuffer bytes = object.buffer();
      int at = (int) (bit >>> 3);
      bytes.put(at, (byte) (bytes.get(at) ^ 1 << (int) (bit & 7)));
      injected.incrementAndGet();
    }
  }

  private static <O extends Enum<O>> List<KeyResult<O>> closed(List<ObjectKey> keys, O failed) {
    return keys.stream().map(key -> KeyResult.of(failed, CLOSED)).toList();
  }

  private LookupLease noHits(List<ObjectKey> keys, Function<ObjectKey, @Nullable L2Error> error) {
    @Nullable Hit[] hits = new Hit[keys.size()];
    @Nullable L2Error[] errors = new L2Error[keys.size()];
    Arrays.setAll(errors, i -> error.apply(keys.get(i)));
    return new PinTable().lease(keys, hits, errors, false, "", clock.instant());
  }

  @Override
  public AdapterUsage usage() {
    AdapterUsage usage = inner.usage();
    return new AdapterUsage(
        usage.storedBytes(),
        usage.storedObjects(),
        usage.inFlightBytes() + heldBytes.get(),
        usage.capacityBytes(),
        usage.recovering(),
        usage.bytesBySalt());
  }

  @Override
  public AdapterStatus status() {
    AdapterStatus status = inner.status();
    Map<String, String> details = new LinkedHashMap<>();
    details.put("faults", config.active().toString());
    details.put("faults_injected", Long.toString(injected.get()));
    details.put("requests_hanging", Integer.toString(held.hanging()));
    details.putAll(status.details());
    return new AdapterStatus(
        status.health(),
        status.reason(),
        status.pinnedKeys(),
        status.leases(),
        status.failures(),
        details);
  }

  @Override
  public int loans() {
    return loans.get();
  }

  @Override
  public CloseReport close(Duration bound) {
    int hung = held.close();
    CloseReport report = inner.close(bound);
    return new CloseReport(report.drained(), report.failed() + hung, report.inKernel());
  }
}

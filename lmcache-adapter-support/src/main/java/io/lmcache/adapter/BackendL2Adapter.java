// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.EvictionConfig;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The SPI's adapter over any {@link Backend}.
 *
 * <p>This class is the surface: what a request is made of, what it counts, what it tells. {@link
 * RequestFlow} moves requests to the backend and back, {@link Closing} ends it all; they say why
 * nothing is lost and nothing hangs. A subclass adds how the backend is made, and nothing else.
 */
public abstract class BackendL2Adapter implements L2Adapter {

  private static final Logger log = System.getLogger(BackendL2Adapter.class.getName());

  private final Backend<?> backend;
  private final Clock clock;
  private final Accounting accounting;
  private final ObjectIndex index;
  private final Recovery recovery;
  private final @Nullable IndexLookup indexLookup;
  private final PinTable pins = new PinTable();
  private final KeyGate<Request<?>> gate = new KeyGate<>();
  private final EventDispatcher dispatcher;
  private final CloseState state = new CloseState();
  private final AdapterHealth health;
  private final RequestFlow<?> flow;
  private final Closing closing;
  private final boolean examination;

  /**
   * An adapter that does not serve yet: {@link #begin} makes it.
   *
   * @param backend not started
   * @param capacity what usage is measured against
   * @param context what the adapter may use until it is closed
   */
  protected BackendL2Adapter(Backend<?> backend, Capacity capacity, L2AdapterContext context) {
    this.backend = backend;
    this.clock = context.clock();
    this.accounting = new Accounting(capacity, watermark(context));
    this.index = new ObjectIndex(accounting);
    this.dispatcher =
        new EventDispatcher(
            context.listener(),
            context.completionExecutor(),
            (line, failure) -> log.log(Level.WARNING, line, failure));
    this.recovery = new Recovery(backend, index, gate, dispatcher, context);
    Continuations continuations = new Continuations();
    this.health = new AdapterHealth(backend, recovery, dispatcher, state);
    this.indexLookup =
        backend.exclusive()
            ? new IndexLookup(
                backend,
                index,
                pins,
                gate,
                state,
                clock,
                error -> health.failed(Operation.LOOKUP, error),
                health::answered)
            : null;
    ListingThread listings = new ListingThread(context.threads(), state, continuations);
    this.flow =
        new RequestFlow<>(
            backend, gate, accounting, dispatcher, context, state, continuations, listings, health);
    this.examination = context.examination();
    this.closing = new Closing(backend, flow, state, continuations, listings, recovery, context);
  }

  private static double watermark(L2AdapterContext context) {
    EvictionConfig eviction = context.common().eviction();
    return eviction == null ? 1.0 : eviction.triggerWatermark();
  }

  /**
   * Starts the backend, and unless it is only looked at, the search for what is there already. To
   * be called once, before anybody else has the adapter.
   *
   * @throws IOException if either cannot start; the backend is stopped then, and its threads have
   *     ended
   */
  protected final void begin() throws IOException {
    try {
      backend.whenConditionChanges(health::looksDifferent);
      backend.start();
      if (!examination) {
        recovery.start(flow, health);
      }
    } catch (IOException | RuntimeException | Error e) {
      closing.abandon();
      throw e;
    }
  }

  @Override
  public final AdapterLimits limits() {
    return backend.limits();
  }

  @Override
  public final CompletionStage<StoreResult> store(StoreRequest request) {
    return flow.submit(new StoreTask(request, index, recovery));
  }

  @Override
  public final CompletionStage<LookupLease> lookup(LookupRequest request) {
    LookupLease known = indexLookup == null ? null : indexLookup.answer(request);
    if (known != null) {
      health.tellChanges();
      return CompletableFuture.completedStage(known);
    }
    return flow.submit(
        new LookupTask(request, index, indexLookup != null, gate, recovery, pins, clock));
  }

  @Override
  public final CompletionStage<LoadResult> load(LoadRequest request) {
    return flow.submit(new LoadTask(request, index, gate, recovery));
  }

  @Override
  public final CompletionStage<DeleteResult> delete(DeleteRequest request) {
    return flow.submit(new DeleteTask(request, index, gate, pins));
  }

  @Override
  public final CompletionStage<KeyPage> list(ListRequest request) {
    Objects.requireNonNull(request, "request");
    CompletionStage<KeyPage> declined = flow.declinedPage();
    if (declined != null) {
      return declined;
    }
    String cursor = request.cursor();
    boolean known =
        indexLookup != null && index.complete() && (cursor == null || IndexPages.isCursor(cursor));
    return flow.page(known ? () -> index.page(request) : backend.page(request));
  }

  @Override
  public final AdapterUsage usage() {
    recovery.refreshIfStale();
    return accounting.usage(recovery.recovering());
  }

  @Override
  public final AdapterStatus status() {
    Map<String, String> details = new LinkedHashMap<>(backend.details());
    details.putAll(recovery.details());
    flow.addTo(details);
    details.put("dropped_access_events", Long.toString(dispatcher.droppedAccesses()));
    Condition condition =
        state.isOpen() ? health.condition() : new Condition(Health.CLOSED, "closed");
    return new AdapterStatus(
        condition.health(),
        condition.reason(),
        pins.pinnedKeys(),
        pins.leases(),
        health.failures(),
        details);
  }

  @Override
  public final int loans() {
    return flow.loans();
  }

  @Override
  public final CloseReport close(Duration bound) {
    return closing.close(bound);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * The SPI's adapter over any {@link Backend}.
 *
 * <p>This class is the surface: what a request is made of, what it counts, what it tells. {@link
 * RequestFlow} moves requests to the backend and back, {@link Closing} ends it all; they say why
 * nothing is lost and nothing hangs. A subclass adds how the backend is made, and nothing else.
 */
public abstract class BackendL2Adapter implements L2Adapter {

  private static final Logger log = System.getLogger(BackendL2Adapter.class.getName());
  private static final int RECOVERED_PER_EVENT = 1000;

  private final Backend<?> backend;
  private final Clock clock;
  private final Accounting accounting;
  private final KnownObjects known;
  private final PinTable pins = new PinTable();
  private final KeyGate<Request<?>> gate = new KeyGate<>();
  private final EventDispatcher dispatcher;
  private final CloseState state = new CloseState();
  private final RequestFlow<?> flow;
  private final Closing closing;

  /**
   * An adapter that does not serve yet: {@link #begin} makes it.
   *
   * @param backend not started
   * @param capacityBytes the capacity that usage is measured against; 0 for none
   * @param context what the adapter may use until it is closed
   */
  protected BackendL2Adapter(Backend<?> backend, long capacityBytes, L2AdapterContext context) {
    this.backend = backend;
    this.clock = context.clock();
    this.accounting = new Accounting(capacityBytes);
    this.known = new KnownObjects(accounting);
    this.dispatcher =
        new EventDispatcher(
            context.listener(),
            context.completionExecutor(),
            (line, failure) -> log.log(Level.WARNING, line, failure));
    Continuations continuations = new Continuations();
    ListingThread listings = new ListingThread(context.threads(), state, continuations);
    this.flow =
        new RequestFlow<>(
            backend, gate, accounting, dispatcher, context, state, continuations, listings);
    this.closing = new Closing(backend, flow, state, continuations, listings, context);
  }

  /**
   * Starts the backend, counts what is there and tells the listener of it, oldest first. To be
   * called once, before anybody else has the adapter.
   *
   * @throws IOException if either fails; the backend is stopped then, and its threads have ended
   */
  protected final void begin() throws IOException {
    try {
      backend.start();
      recover();
    } catch (IOException | RuntimeException | Error e) {
      closing.abandon();
      throw e;
    }
  }

  private void recover() throws IOException {
    // By key: a walk may meet an object twice.
    Map<ObjectKey, StoredObject> objects = new LinkedHashMap<>();
    backend.forEach(object -> objects.put(object.key(), object));
    List<StoredObject> found = new ArrayList<>(objects.values());
    found.sort(Comparator.comparing(StoredObject::lastModified));
    found.forEach(known::found);
    for (int from = 0; from < found.size(); from += RECOVERED_PER_EVENT) {
      List<StoredObject> part =
          found.subList(from, Math.min(found.size(), from + RECOVERED_PER_EVENT));
      dispatcher.recovered(
          part.stream().map(StoredObject::key).toList(),
          part.stream().map(StoredObject::sizeBytes).toList(),
          part.stream().map(StoredObject::lastModified).toList());
    }
  }

  @Override
  public final AdapterLimits limits() {
    return backend.limits();
  }

  @Override
  public final CompletionStage<StoreResult> store(StoreRequest request) {
    return flow.submit(new StoreTask(request, known));
  }

  @Override
  public final CompletionStage<LookupLease> lookup(LookupRequest request) {
    return flow.submit(new LookupTask(request, known, gate, pins, clock));
  }

  @Override
  public final CompletionStage<LoadResult> load(LoadRequest request) {
    return flow.submit(new LoadTask(request, known, gate));
  }

  @Override
  public final CompletionStage<DeleteResult> delete(DeleteRequest request) {
    return flow.submit(new DeleteTask(request, known, gate, pins));
  }

  @Override
  public final CompletionStage<KeyPage> list(ListRequest request) {
    Objects.requireNonNull(request, "request");
    CompletionStage<KeyPage> declined = flow.declinedPage();
    return declined == null ? flow.page(backend.page(request)) : declined;
  }

  @Override
  public final AdapterUsage usage() {
    return accounting.usage(false);
  }

  @Override
  public final AdapterStatus status() {
    Map<String, String> details = new LinkedHashMap<>(backend.details());
    details.put("dropped_access_events", Long.toString(dispatcher.droppedAccesses()));
    Condition condition =
        state.isOpen() ? backend.condition() : new Condition(Health.CLOSED, "closed");
    return new AdapterStatus(
        condition.health(), condition.reason(), pins.pinnedKeys(), pins.leases(), details);
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

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.Accounting;
import io.lmcache.adapter.EventDispatcher;
import io.lmcache.adapter.PinTable;
import io.lmcache.l2.fs.StoredObject;
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
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SPI's adapter over a {@link NativeConnector}.
 *
 * <p>This class is the surface: what a request is made of, what it counts, what it tells. {@link
 * RequestFlow} moves requests to the connector and back, and owns the one thread that waits for
 * completions; it says why nothing is lost and nothing hangs.
 */
final class NativeConnectorL2Adapter implements L2Adapter {

  private static final Logger log = LoggerFactory.getLogger(NativeConnectorL2Adapter.class);
  private static final int RECOVERED_PER_EVENT = 1000;

  private final NativeConnector connector;
  private final L2AdapterContext context;
  private final Accounting accounting;
  private final KnownObjects known;
  private final PinTable pins = new PinTable();
  private final EventDispatcher dispatcher;
  private final RequestFlow flow;

  private NativeConnectorL2Adapter(
      NativeConnector connector, long capacityBytes, L2AdapterContext context) {
    this.connector = connector;
    this.context = context;
    this.accounting = new Accounting(capacityBytes);
    this.known = new KnownObjects(accounting);
    this.dispatcher =
        new EventDispatcher(context.listener(), context.completionExecutor(), log::warn);
    this.flow = new RequestFlow(connector, accounting, dispatcher, context);
  }

  /**
   * Counts what is there and begins to serve.
   *
   * @throws IOException if the backend cannot be read; the connector is freed then
   */
  static NativeConnectorL2Adapter start(
      NativeConnector connector, long capacityBytes, L2AdapterContext context) throws IOException {
    try {
      NativeConnectorL2Adapter adapter =
          new NativeConnectorL2Adapter(connector, capacityBytes, context);
      adapter.recover();
      adapter.flow.start();
      return adapter;
    } catch (IOException | RuntimeException | Error e) {
      connector.stop();
      while (connector.drain((batch, words, offset, items) -> {})) {
        // Nothing was submitted, so there is nothing to hand over.
      }
      connector.destroy();
      throw e;
    }
  }

  private void recover() throws IOException {
    List<StoredObject> found = new ArrayList<>();
    connector.forEach(found::add);
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
    if (!found.isEmpty()) {
      log.info("{}: found {} objects of an earlier run", context.name(), found.size());
    }
  }

  @Override
  public AdapterLimits limits() {
    return connector.limits();
  }

  @Override
  public CompletionStage<StoreResult> store(StoreRequest request) {
    return flow.submit(new StoreTask(request, known));
  }

  @Override
  public CompletionStage<LookupLease> lookup(LookupRequest request) {
    return flow.submit(new LookupTask(request, known, pins, context.clock()));
  }

  @Override
  public CompletionStage<LoadResult> load(LoadRequest request) {
    return flow.submit(new LoadTask(request, known));
  }

  @Override
  public CompletionStage<DeleteResult> delete(DeleteRequest request) {
    return flow.submit(new DeleteTask(request, known, pins));
  }

  @Override
  public CompletionStage<KeyPage> list(ListRequest request) {
    return flow.page(connector.page(request));
  }

  @Override
  public AdapterUsage usage() {
    return accounting.usage(false);
  }

  @Override
  public AdapterStatus status() {
    Map<String, String> details = new LinkedHashMap<>(connector.details());
    details.put("dropped_access_events", Long.toString(dispatcher.droppedAccesses()));
    boolean open = flow.isOpen();
    return new AdapterStatus(
        open ? Health.OK : Health.CLOSED,
        open ? "" : "closed",
        pins.pinnedKeys(),
        pins.leases(),
        details);
  }

  @Override
  public int loans() {
    return flow.loans();
  }

  @Override
  public CloseReport close(Duration bound) {
    return flow.close(bound);
  }
}

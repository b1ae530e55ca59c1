// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.core.RoomMaker;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A file adapter, opened from JSON as a program does it, with calls that wait. The time limits only
 * detect a hang. Safe for use by many threads.
 */
final class FileAdapter implements AutoCloseable {

  private static final AdapterRegistry REGISTRY = AdapterRegistry.discover();
  private static final long HANG_SECONDS = 300;

  private final OpenAdapter open;

  private FileAdapter(OpenAdapter open) {
    this.open = open;
  }

  /**
   * Opens an adapter; does not wait for its scan.
   *
   * @param more fields of the configuration, such as {@code "shared": true}
   */
  static FileAdapter open(Engine engine, Path base, String... more) throws IOException {
    return open(engine, base, L2AdapterListener.NONE, more);
  }

  static FileAdapter open(Engine engine, Path base, L2AdapterListener listener, String... more)
      throws IOException {
    return open(engine, base, listener, bytes -> CompletableFuture.completedStage(0L), more);
  }

  /** With an owner who may make room. */
  static FileAdapter open(
      Engine engine, Path base, L2AdapterListener listener, RoomMaker owner, String... more)
      throws IOException {
    try {
      AdapterEnvironment quiet = AdapterEnvironment.of("it");
      return new FileAdapter(
          REGISTRY.open(
              REGISTRY.parse("it", json(engine, base, more)),
              new AdapterEnvironment(
                  quiet.name(),
                  quiet.index(),
                  quiet.bufferAlignment(),
                  quiet.clock(),
                  listener,
                  owner)));
    } catch (L2ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static String json(Engine engine, Path base, String... more) {
    StringBuilder json = new StringBuilder();
    json.append("{\"type\": \"")
        .append(engine.type())
        .append("\", \"base_path\": \"")
        .append(base)
        .append('"');
    for (String field : more) {
      json.append(", ").append(field);
    }
    return json.append('}').toString();
  }

  L2Adapter adapter() {
    return open.adapter();
  }

  /** Waits until the scan at open is over. */
  FileAdapter recovered() {
    await("the end of the scan", () -> !usage().recovering());
    return this;
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("hangs: " + what);
      }
      Thread.onSpinWait();
    }
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(HANG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no result: " + e, e);
    }
  }

  StoreOutcome store(ObjectKey key, int version, int size, StoreMode mode) {
    return store(key, Content.of(key, version, size), mode);
  }

  StoreOutcome store(ObjectKey key, MemoryObject from, StoreMode mode) {
    return await(adapter().store(request(List.of(new StoreItem(key, from)), mode))).outcome(0);
  }

  private static StoreRequest request(List<StoreItem> items, StoreMode mode) {
    return new StoreRequest(items, mode, Options.DEFAULT);
  }

  /** Stores objects of one size in one request. */
  StoreResult store(List<ObjectKey> keys, int version, int size, StoreMode mode) {
    List<StoreItem> items =
        keys.stream().map(key -> new StoreItem(key, Content.of(key, version, size))).toList();
    return await(adapter().store(request(items, mode)));
  }

  /** Stores an object that is not there. */
  void mustStore(ObjectKey key, int version, int size) {
    assertThat(store(key, version, size, StoreMode.IF_ABSENT))
        .as("store of %s", key)
        .isEqualTo(StoreOutcome.STORED);
  }

  /** Loads into memory that holds something else. */
  LoadOutcome load(ObjectKey key, MemoryObject into) {
    return await(adapter().load(new LoadRequest(List.of(LoadItem.of(key, into)), Options.DEFAULT)))
        .outcome(0);
  }

  /** Loads, and compares every byte if anything arrived. */
  LoadOutcome load(ObjectKey key, int version, int size) {
    MemoryObject into = Content.poisoned(size);
    LoadOutcome outcome = load(key, into);
    if (outcome == LoadOutcome.LOADED) {
      Content.assertHolds(into, key, version);
    }
    return outcome;
  }

  void mustLoad(ObjectKey key, int version, int size) {
    assertThat(load(key, version, size)).as("load of %s", key).isEqualTo(LoadOutcome.LOADED);
  }

  /** The size that a lookup finds; null if it is a miss. */
  @Nullable Long lookup(ObjectKey key) {
    try (LookupLease lease = await(adapter().lookup(LookupRequest.of(List.of(key))))) {
      return lease.hit(0) ? Long.valueOf(lease.get(0).sizeBytes()) : null;
    }
  }

  DeleteOutcome delete(ObjectKey key) {
    return await(adapter().delete(DeleteRequest.of(List.of(key)))).outcome(0);
  }

  /** All keys, with their sizes. */
  Map<ObjectKey, Long> list() {
    Map<ObjectKey, Long> found = new HashMap<>();
    for (@Nullable ListRequest next = ListRequest.first(1000); next != null; ) {
      KeyPage page = await(adapter().list(next));
      if (page.error() != null) {
        throw new AssertionError("error of a page: " + page.error());
      }
      for (KeyEntry entry : page.entries()) {
        found.put(entry.key(), entry.sizeBytes());
      }
      next = next.after(page);
    }
    return found;
  }

  AdapterUsage usage() {
    return adapter().usage();
  }

  /** A line of the status. */
  String detail(String name) {
    String value = adapter().status().details().get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + adapter().status().details());
    }
    return value;
  }

  long counter(String name) {
    return Long.parseLong(detail(name));
  }

  /** Closes; a close that does not keep to its bound is told from one that takes its time. */
  CloseReport closeInTime(Duration bound) throws Exception {
    CompletableFuture<CloseReport> report = new CompletableFuture<>();
    new Thread(() -> report.complete(close(bound)), "closer").start();
    return report.get(1, TimeUnit.MINUTES);
  }

  CloseReport close(Duration bound) {
    return open.close(bound);
  }

  @Override
  public void close() {
    open.close();
  }
}

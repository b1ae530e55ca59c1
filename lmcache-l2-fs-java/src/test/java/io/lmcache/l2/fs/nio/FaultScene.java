// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.adapter.BlockingL2Adapter;
import io.lmcache.l2.fs.ObjectDirectory;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter with one worker, so that calls come in the order of keys, and an owner who is asked
 * for room. For one thread; the time limits only detect a hang.
 */
final class FaultScene implements AutoCloseable {

  static final int SIZE = 3000;

  /** How a key ended. */
  record Ending(String outcome, @Nullable L2Error error) {}

  final WatchedCalls calls;
  final List<Long> asked = new CopyOnWriteArrayList<>();
  final L2Adapter adapter;
  private final List<String> health = new CopyOnWriteArrayList<>();
  private final TestContext context = new TestContext(CommonConfig.DEFAULT);
  private final Path dir;
  private final FaultCase.Request request;

  FaultScene(Path dir, FaultCase fault) throws IOException {
    this.dir = dir;
    request = fault.request();
    calls = new WatchedCalls(dir);
    context.listener =
        new L2AdapterListener() {
          @Override
          public void healthChanged(Health now, String reason) {
            health.add(now + " " + reason);
          }
        };
    FsJavaConfig config = Configs.in(dir).numWorkers(1).fsync(fault.fsync()).make();
    FsJavaStorage storage =
        FsJavaAdapterFactory.openStorage(
            ObjectDirectory.open(config.directoryOptions(CommonConfig.DEFAULT)),
            config,
            "test",
            calls,
            false);
    adapter = BlockingL2Adapter.open(storage, 1, 0, context);
    awaitUntil("the end of the scan", () -> !adapter.usage().recovering());
    owner(0, () -> {});
    if (request != FaultCase.Request.STORE) {
      assertThat(store(keys(), 1, StoreMode.IF_ABSENT).count(StoreOutcome.STORED))
          .as("what is there")
          .isEqualTo(3);
    }
  }

  static List<ObjectKey> keys() {
    return IntStream.range(0, 3).mapToObj(TestObjects::key).toList();
  }

  /** What the owner frees, and what happens while it does. */
  void owner(long freed, Runnable meanwhile) {
    context.owner =
        bytes -> {
          asked.add(bytes);
          meanwhile.run();
          return CompletableFuture.completedStage(freed);
        };
  }

  /** Asks for what the case is about; stores are of version 2. */
  List<Ending> ask(List<ObjectKey> keys) {
    return switch (request) {
      case STORE -> endings(store(keys, 2, StoreMode.IF_ABSENT).keys());
      case REPLACE -> endings(store(keys, 2, StoreMode.REPLACE).keys());
      case LOAD -> endings(load(keys, 1).keys());
      case DELETE -> endings(await(adapter.delete(DeleteRequest.of(keys))).keys());
    };
  }

  private static <O extends Enum<O>> List<Ending> endings(List<KeyResult<O>> keys) {
    return keys.stream().map(key -> new Ending(key.outcome().name(), key.error())).toList();
  }

  /** How a key ends that meets no error. */
  String wellEnded() {
    return switch (request) {
      case STORE, REPLACE -> "STORED";
      case LOAD -> "LOADED";
      case DELETE -> "DELETED";
    };
  }

  private StoreResult store(List<ObjectKey> keys, int version, StoreMode mode) {
    List<StoreItem> items =
        keys.stream()
            .map(key -> new StoreItem(key, TestObjects.filled(key, version, SIZE)))
            .toList();
    return await(adapter.store(new StoreRequest(items, mode, Options.DEFAULT)));
  }

  /** Loads into memory that holds something else, and compares every byte that arrived. */
  private LoadResult load(List<ObjectKey> keys, int version) {
    List<MemoryObject> into = keys.stream().map(key -> TestObjects.poisoned(SIZE)).toList();
    List<LoadItem> items =
        IntStream.range(0, keys.size())
            .mapToObj(i -> LoadItem.of(keys.get(i), into.get(i)))
            .toList();
    LoadResult result = await(adapter.load(LoadRequest.of(items)));
    for (int i = 0; i < keys.size(); i++) {
      if (result.outcome(i) == LoadOutcome.LOADED) {
        TestObjects.assertHolds(into.get(i), keys.get(i), version);
      }
    }
    return result;
  }

  /** Every byte of it, that version's. */
  void assertThere(ObjectKey key, int version) {
    assertThat(load(List.of(key), version).outcome(0))
        .as("load of %s", key)
        .isEqualTo(LoadOutcome.LOADED);
  }

  /** So many objects are there and nothing else is, and the adapter knows. */
  void assertObjects(int count) throws IOException {
    try (Stream<Path> all = Files.list(dir)) {
      List<String> files =
          all.map(file -> file.getFileName().toString())
              .filter(name -> !name.equals(".lmcache"))
              .toList();
      assertThat(files).as("files").hasSize(count).allMatch(name -> name.endsWith(".data"));
    }
    // Where a failure took away what was there, the index asks about it first.
    awaitUntil(count + " objects in the usage", () -> adapter.usage().storedObjects() == count);
    assertThat(adapter.usage().storedBytes()).isEqualTo((long) count * SIZE);
    assertThat(adapter.usage().inFlightBytes()).as("bytes in flight").isZero();
    assertThat(adapter.loans()).as("loans").isZero();
  }

  String detail(String name) {
    return String.valueOf(adapter.status().details().get(name));
  }

  /** What was heard of the health, once it is so much; more is the caller's to find. */
  List<String> health(int expected) {
    awaitUntil(expected + " changes of health", () -> health.size() >= expected);
    return health;
  }

  private static void awaitUntil(String what, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - began)
          .as("hangs: %s", what)
          .isLessThan(TimeUnit.SECONDS.toNanos(60));
      Thread.onSpinWait();
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the stage did not complete well", e);
    }
  }

  @Override
  public void close() {
    adapter.close();
    awaitUntil("the end of threads", () -> context.liveThreads().isEmpty());
  }
}

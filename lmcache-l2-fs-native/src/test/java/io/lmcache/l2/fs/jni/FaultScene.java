// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter with one worker, so that calls come in the order of keys, and an owner who is asked
 * for room. For one thread.
 */
final class FaultScene implements AutoCloseable {

  static final int SIZE = 3000;

  /** How a key ended. */
  record Ending(String outcome, @Nullable L2Error error) {}

  final TestContext context;
  final List<Long> asked = new CopyOnWriteArrayList<>();
  final L2Adapter adapter;
  private final Path dir;
  private final FaultCase.Request request;

  FaultScene(Path dir, FaultCase fault) throws Exception {
    this.dir = dir;
    request = fault.request();
    // Otherwise no lookup asks the file system.
    boolean shared = request == FaultCase.Request.LOOKUP;
    CommonConfig quiet = CommonConfig.DEFAULT;
    context = new TestContext(new CommonConfig(quiet.eviction(), shared, quiet.persistEnabled()));
    FsNativeConfig config =
        FsNativeConfigs.at(dir).workers(1).fsync(fault.fsync()).levels(fault.levels()).build();
    adapter = new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context);
    context.awaitUntil("the end of the scan", () -> !adapter.usage().recovering());
    owner(0, () -> {});
    if (request != FaultCase.Request.STORE) {
      StoreResult old = TestObjects.store(adapter, keys(), 1, SIZE);
      assertThat(old.count(StoreOutcome.STORED)).as("what is there").isEqualTo(3);
    }
  }

  /** Its sub-directory depends on the number. */
  static ObjectKey key(int n) {
    return ObjectKey.of(new byte[] {(byte) n, 7, 7, 7}, "org/model", 0x02000200, 0, "");
  }

  static List<ObjectKey> keys() {
    return List.of(key(0), key(1), key(2));
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
      case STORE -> endings(store(keys, StoreMode.IF_ABSENT).keys());
      case REPLACE -> endings(store(keys, StoreMode.REPLACE).keys());
      case LOAD -> load(keys);
      case LOOKUP -> lookup(keys);
      case DELETE -> endings(TestObjects.delete(adapter, keys).keys());
    };
  }

  /** How a key ends that meets no error. */
  String wellEnded() {
    return switch (request) {
      case STORE, REPLACE -> "STORED";
      case LOAD -> "LOADED";
      case LOOKUP -> "HIT";
      case DELETE -> "DELETED";
    };
  }

  /** How a key ends that does not fail, of which the file system says that there is nothing. */
  String absentEnded() {
    return switch (request) {
      case STORE, REPLACE -> "STORED";
      case LOAD -> "NOT_FOUND";
      case LOOKUP -> "MISS";
      case DELETE -> "ABSENT";
    };
  }

  private StoreResult store(List<ObjectKey> keys, StoreMode mode) {
    return await(adapter.store(TestObjects.storeRequest(keys, 2, SIZE, mode)));
  }

  private static <O extends Enum<O>> List<Ending> endings(List<KeyResult<O>> keys) {
    return keys.stream().map(key -> new Ending(key.outcome().name(), key.error())).toList();
  }

  private List<Ending> load(List<ObjectKey> keys) {
    List<MemoryObject> into = keys.stream().map(key -> poisoned(SIZE)).toList();
    LoadResult result = TestObjects.load(adapter, keys, into);
    for (int i = 0; i < keys.size(); i++) {
      if (result.outcome(i) == LoadOutcome.LOADED) {
        assertHolds(into.get(i), keys.get(i), 1);
      }
    }
    return endings(result.keys());
  }

  private List<Ending> lookup(List<ObjectKey> keys) {
    try (LookupLease lease = TestObjects.lookup(adapter, keys)) {
      List<Ending> endings = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        L2Error error = lease.error(i);
        String outcome = lease.hit(i) ? "HIT" : error == null ? "MISS" : "FAILED";
        endings.add(new Ending(outcome, error));
      }
      return endings;
    }
  }

  /**
   * After a store that was to replace the key's object has failed the file system is asked about
   * it, in the key's turn. That must not meet the next fault, so this takes a turn, and changes
   * nothing.
   */
  void awaitTurn(ObjectKey key) {
    StoreResult result = store(List.of(key), StoreMode.IF_ABSENT);
    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.ALREADY_PRESENT);
  }

  /** Every byte of it, that version's. */
  void assertThere(ObjectKey key, int version) {
    MemoryObject into = poisoned(SIZE);
    LoadResult result = TestObjects.load(adapter, List.of(key), List.of(into));
    assertThat(result.outcome(0)).as("load of %s", key).isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, key, version);
  }

  /** So many objects are there and nothing else is, and the adapter knows. */
  void assertObjects(int count) throws IOException {
    try (Stream<Path> all = Files.walk(dir)) {
      List<String> files =
          all.filter(file -> !file.startsWith(dir.resolve(".lmcache")))
              .filter(Files::isRegularFile)
              .map(file -> file.getFileName().toString())
              .toList();
      assertThat(files).as("files").hasSize(count).allMatch(name -> name.endsWith(".data"));
    }
    // Where a failure took away what was there, the index asks about it first.
    context.awaitUntil(
        count + " objects in the usage", () -> adapter.usage().storedObjects() == count);
    assertThat(adapter.usage().storedBytes()).isEqualTo((long) count * SIZE);
    assertThat(adapter.usage().inFlightBytes()).as("bytes in flight").isZero();
    assertThat(adapter.loans()).as("loans").isZero();
  }

  String detail(String name) {
    return String.valueOf(adapter.status().details().get(name));
  }

  @Override
  public void close() {
    adapter.close();
    context.awaitNoThreads();
  }
}

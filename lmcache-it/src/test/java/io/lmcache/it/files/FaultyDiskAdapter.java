// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter of whose requests it is known how they must end; counts what failed as the adapter
 * must count it. For one thread.
 */
final class FaultyDiskAdapter implements AutoCloseable {

  /** One block: what it is read and written with is aligned. */
  static final int SIZE = 8192;

  private final FileAdapter adapter;
  private final Path base;
  private final List<String> health = new CopyOnWriteArrayList<>();
  private final Map<String, Long> failed = new TreeMap<>();
  private int loaded;

  FaultyDiskAdapter(Engine engine, Path base, String... more) throws IOException {
    this.base = base;
    adapter =
        FileAdapter.open(
                engine,
                base,
                new L2AdapterListener() {
                  @Override
                  public void healthChanged(Health now, String reason) {
                    health.add(now + " " + reason);
                  }
                },
                more)
            .recovered();
  }

  FileAdapter adapter() {
    return adapter;
  }

  /** How many keys failed, as they had to. */
  int failures() {
    return failed.values().stream().mapToInt(Long::intValue).sum();
  }

  int loaded() {
    return loaded;
  }

  void mustStore(List<ObjectKey> keys, int version) {
    StoreResult result = adapter.store(keys, version, SIZE, StoreMode.REPLACE);
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i)).as("store: %s", result.error(i)).isEqualTo(StoreOutcome.STORED);
    }
  }

  void storesMustFail(List<ObjectKey> keys, StoreMode mode, String errno) {
    StoreResult result = adapter.store(keys, 2, SIZE, mode);
    for (int i = 0; i < keys.size(); i++) {
      mustHaveFailed("store", result.outcome(i), result.error(i), errno);
    }
  }

  void loadsMustFail(List<ObjectKey> keys, String errno) {
    LoadResult result = load(keys);
    for (int i = 0; i < keys.size(); i++) {
      mustHaveFailed("load", result.outcome(i), result.error(i), errno);
    }
  }

  /** Every byte of them. */
  void mustLoad(List<ObjectKey> keys, int version) {
    for (ObjectKey key : keys) {
      adapter.mustLoad(key, version, SIZE);
      loaded++;
    }
  }

  void mustNotBeFound(List<ObjectKey> keys) {
    assertThat(load(keys).count(LoadOutcome.NOT_FOUND)).isEqualTo(keys.size());
  }

  private LoadResult load(List<ObjectKey> keys) {
    List<LoadItem> items =
        keys.stream().map(key -> LoadItem.of(key, Content.poisoned(SIZE))).toList();
    return FileAdapter.await(adapter.adapter().load(LoadRequest.of(items)));
  }

  private DeleteResult delete(List<ObjectKey> keys) {
    return FileAdapter.await(adapter.adapter().delete(DeleteRequest.of(keys)));
  }

  void mustBeAbsentForDeletes(List<ObjectKey> keys) {
    assertThat(delete(keys).count(DeleteOutcome.ABSENT)).isEqualTo(keys.size());
  }

  void mustDelete(List<ObjectKey> keys) {
    assertThat(delete(keys).count(DeleteOutcome.DELETED)).isEqualTo(keys.size());
  }

  void deletesMustFail(List<ObjectKey> keys, String errno) {
    DeleteResult result = delete(keys);
    for (int i = 0; i < keys.size(); i++) {
      mustHaveFailed("delete", result.outcome(i), result.error(i), errno);
    }
  }

  /** The operation, the path, and the error number's name. */
  private void mustHaveFailed(
      String operation, Object outcome, @Nullable L2Error error, String errno) {
    assertThat(outcome).as("outcome of a %s", operation).hasToString("FAILED");
    assertThat(Objects.requireNonNull(error).nativeCode()).as(error.text()).isEqualTo(errno);
    assertThat(error.text()).contains(" " + base, ".data: ", "(" + errno + ")");
    failed.merge(operation + " " + errno, 1L, Long::sum);
  }

  /** Exactly what failed is counted. */
  void assertCounted() {
    Map<String, Long> counted = new TreeMap<>();
    for (FailureCount count : adapter.adapter().status().failures()) {
      counted.put(count.operation() + " " + count.error(), count.count());
    }
    assertThat(counted).isEqualTo(failed);
    assertThat(adapter.usage().inFlightBytes()).as("bytes in flight").isZero();
    assertThat(adapter.adapter().loans()).as("loans").isZero();
  }

  void assertDegraded(String... words) {
    assertThat(adapter.adapter().status().health()).isEqualTo(Health.DEGRADED);
    assertThat(adapter.adapter().status().reason()).contains(words);
  }

  /** It was told of once, and so was that it is over. */
  void assertWellAgain(String... words) {
    assertThat(adapter.adapter().status().health())
        .as(adapter.adapter().status().reason())
        .isEqualTo(Health.OK);
    FileAdapter.await("what the listener hears", () -> health.size() >= 2);
    assertThat(health).hasSize(2);
    assertThat(health.get(0)).startsWith("DEGRADED ").contains(words);
    assertThat(health.get(1)).isEqualTo("OK ");
  }

  void assertObjects(int count) throws IOException {
    assertThat(adapter.usage().storedObjects()).isEqualTo(count);
    assertThat(adapter.usage().storedBytes()).isEqualTo((long) count * SIZE);
    assertNothingStaged(base);
  }

  static void assertNothingStaged(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      assertThat(all.filter(file -> file.toString().endsWith(".tmp")))
          .as("staging files")
          .isEmpty();
    }
  }

  @Override
  public void close() {
    adapter.close();
  }
}

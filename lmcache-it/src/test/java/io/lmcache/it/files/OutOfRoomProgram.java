// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores on a file system that a foreign file has filled, until that is gone; then with an owner
 * who evicts. A watcher sees to it that no file is ever shorter than its object. Says what it
 * covered. Arguments: engine, an empty mount point, number of workers.
 */
final class OutOfRoomProgram {

  /** Into how many objects the file system is divided. */
  private static final int OBJECTS = 16;

  /** How many of them fit beside the foreign file. */
  private static final int FITTING = 6;

  private final Engine engine;
  private final Path base;
  private final Path filler;
  private final String workers;
  private final int size;
  private final List<String> health = new CopyOnWriteArrayList<>();
  private final List<ObjectKey> stored = new ArrayList<>();
  private int next;

  private OutOfRoomProgram(Engine engine, Path mount, String workers) throws IOException {
    this.engine = engine;
    this.base = Files.createDirectory(mount.resolve("kv"));
    this.filler = mount.resolve("filler");
    this.workers = "\"num_workers\": " + workers;
    this.size = Math.toIntExact(usable() / OBJECTS / 4096 * 4096);
  }

  public static void main(String[] args) throws Exception {
    OutOfRoomProgram program =
        new OutOfRoomProgram(Engine.valueOf(args[0]), Path.of(args[1]), args[2]);
    try (WholeFiles watcher = WholeFiles.in(program.base, program.size)) {
      program.untilTheFillerIsGone(watcher);
      program.withAnOwnerWhoEvicts(watcher);
      say("files looked at", watcher.files());
    }
  }

  @SuppressWarnings("SystemOut")
  private static void say(String name, Object what) {
    System.out.println(name + ": " + what);
  }

  private long usable() throws IOException {
    return Files.getFileStore(base).getUsableSpace();
  }

  private List<ObjectKey> keys(int count) {
    next += count;
    return IntStream.range(next - count, next).mapToObj(n -> Content.key("room", n)).toList();
  }

  private void fill() throws IOException {
    long bytes = usable() - (long) FITTING * size - size / 2;
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (long left = bytes; left > 0; left -= 4096) {
        out.write(new byte[4096]);
      }
    }
  }

  private List<Path> staging() throws IOException {
    try (Stream<Path> all = Files.list(base)) {
      return all.filter(file -> file.getFileName().toString().endsWith(".tmp")).toList();
    }
  }

  private void untilTheFillerIsGone(WholeFiles watcher) throws IOException {
    L2AdapterListener listener =
        new L2AdapterListener() {
          @Override
          public void healthChanged(Health now, String reason) {
            health.add(now + " " + reason);
          }
        };
    try (FileAdapter adapter = FileAdapter.open(engine, base, listener, workers).recovered()) {
      fill();
      int failed = storeTooMany(adapter);
      while (adapter.adapter().status().health() == Health.OK) {
        assertThat(failed).as("failures").isLessThan(100);
        failed += mustFail(adapter, keys(1).get(0));
      }
      assertThat(adapter.adapter().status().reason()).contains("stores", "ENOSPC", base.toString());
      assertThat(adapter.adapter().status().failures())
          .containsExactly(new FailureCount("store", "ENOSPC", failed));
      assertThat(adapter.counter("stores_repeated")).as("stores repeated without room").isZero();
      assertThat(staging()).isEmpty();
      loadAll(adapter);
      assertThat(adapter.adapter().status().health()).isEqualTo(Health.DEGRADED);
      watcher.awaitListings(2);

      Files.delete(filler);
      ObjectKey after = keys(1).get(0);
      adapter.mustStore(after, 1, size);
      stored.add(after);
      assertThat(adapter.adapter().status().health()).isEqualTo(Health.OK);
      FileAdapter.await("what the listener hears", () -> health.size() >= 2);
      assertThat(health).hasSize(2);
      assertThat(health.get(0)).startsWith("DEGRADED ").contains("ENOSPC");
      assertThat(health.get(1)).isEqualTo("OK ");
      loadAll(adapter);
      assertThat(adapter.usage().storedBytes()).isEqualTo((long) stored.size() * size);
      say("stores that failed", failed);
    }
  }

  /** One request, of which some find room and some do not. */
  private int storeTooMany(FileAdapter adapter) {
    List<ObjectKey> keys = keys(2 * FITTING);
    StoreResult result = adapter.store(keys, 1, size, StoreMode.IF_ABSENT);
    int failed = 0;
    for (int i = 0; i < keys.size(); i++) {
      if (result.outcome(i) == StoreOutcome.STORED) {
        stored.add(keys.get(i));
      } else {
        assertNoSpace(result.error(i));
        assertThat(adapter.lookup(keys.get(i))).as("size of what failed").isNull();
        failed++;
      }
    }
    assertThat(stored).as("stores that found room").hasSizeGreaterThanOrEqualTo(FITTING - 1);
    assertThat(failed).as("stores that did not").isGreaterThanOrEqualTo(FITTING - 1);
    return failed;
  }

  private int mustFail(FileAdapter adapter, ObjectKey key) {
    StoreResult result = adapter.store(List.of(key), 1, size, StoreMode.IF_ABSENT);
    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertNoSpace(result.error(0));
    return 1;
  }

  private void assertNoSpace(@Nullable L2Error failure) {
    L2Error error = Objects.requireNonNull(failure, "no error");
    assertThat(error.code()).isEqualTo(L2ErrorCode.NO_SPACE);
    assertThat(error.nativeCode()).isEqualTo("ENOSPC");
    assertThat(error.text()).contains("staging file", base.toString(), "(ENOSPC)");
  }

  private void loadAll(FileAdapter adapter) {
    for (ObjectKey key : stored) {
      assertThat(adapter.load(key, 1, size)).as("load of %s", key).isEqualTo(LoadOutcome.LOADED);
    }
  }

  /** Many more than fit, one by one and several in a request, none of which may fail. */
  private void withAnOwnerWhoEvicts(WholeFiles watcher) throws IOException {
    Evictor evictor = new Evictor(size);
    try (FileAdapter adapter =
        FileAdapter.open(engine, base, L2AdapterListener.NONE, evictor, workers).recovered()) {
      evictor.adapter(adapter.adapter());
      stored.forEach(evictor::add);
      for (int round = 0; round < 2 * OBJECTS; round++) {
        List<ObjectKey> keys = keys(round % 4 == 3 ? 4 : 1);
        StoreResult result = adapter.store(keys, 1, size, StoreMode.IF_ABSENT);
        for (int i = 0; i < keys.size(); i++) {
          assertThat(result.outcome(i))
              .as("store %d of round %d: %s", i, round, result.error(i))
              .isEqualTo(StoreOutcome.STORED);
          evictor.add(keys.get(i));
        }
      }
      stored.clear();
      stored.addAll(evictor.left());
      loadAll(adapter);
      watcher.awaitListings(2);
      assertThat(adapter.adapter().status().failures()).as("failures").isEmpty();
      assertThat(adapter.usage().storedBytes()).isEqualTo((long) stored.size() * size);
      assertThat(staging()).isEmpty();
      say("stores repeated", adapter.counter("stores_repeated"));
      say("objects evicted", evictor.evicted());
    }
  }
}

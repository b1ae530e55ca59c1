// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Moves many bytes through an adapter with little memory: while a batch is stored, one that was
 * stored long before is loaded, compared byte by byte, and deleted. Says what it saw, in words of
 * the form {@code name=number}. Arguments: engine, {@code base_path}, {@code use_odirect}, how many
 * batches, how many of them stay on disk, and the file of its control group's limit.
 *
 * <p>Used by one thread; its waits have a limit that detects a hang.
 */
final class MemoryProgram {

  static final int SIZE = 4 << 20;
  static final int BATCH = 8;

  private final FileAdapter adapter;
  private final List<MemoryObject> from = new ArrayList<>();
  private final List<MemoryObject> into = new ArrayList<>();
  private long storedBytes;
  private long loadedBytes;
  private long wrong;

  private MemoryProgram(FileAdapter adapter) {
    this.adapter = adapter;
    for (int i = 0; i < BATCH; i++) {
      from.add(Content.poisoned(SIZE));
      into.add(Content.poisoned(SIZE));
    }
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    String fields = "\"num_workers\": 8, \"use_odirect\": " + args[2];
    try (FileAdapter adapter =
        FileAdapter.open(Engine.valueOf(args[0]), Path.of(args[1]), fields)) {
      MemoryProgram program = new MemoryProgram(adapter);
      program.run(Integer.parseInt(args[3]), Integer.parseInt(args[4]));
      Map<String, String> details = adapter.adapter().status().details();
      System.out.printf(
          "limit=%d stored=%d loaded=%d wrong=%d left=%d direct=%d fallbacks=%s%n",
          limit(Path.of(args[5])),
          program.storedBytes,
          program.loadedBytes,
          program.wrong,
          adapter.usage().storedObjects(),
          String.valueOf(details.get("odirect")).contains("effective=true") ? 1 : 0,
          details.get("odirect_fallback_length"));
    }
  }

  /** The limit of the group that this process is in, according to the kernel; else -1. */
  private static long limit(Path file) throws IOException {
    String group = String.valueOf(file.getParent());
    boolean inside =
        Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
            .anyMatch(line -> group.endsWith(line.substring(line.lastIndexOf('/'))));
    return inside ? Long.parseLong(Files.readString(file, StandardCharsets.UTF_8).strip()) : -1;
  }

  private static List<ObjectKey> keys(int batch) {
    List<ObjectKey> keys = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      keys.add(Content.key("org/memory", (long) batch * BATCH + i));
    }
    return keys;
  }

  private void run(int batches, int stay) {
    for (int batch = 0; batch < batches + stay; batch++) {
      CompletionStage<StoreResult> stored = batch < batches ? store(keys(batch)) : null;
      if (batch >= stay) {
        loadAndDelete(keys(batch - stay));
      }
      if (stored != null) {
        int count = FileAdapter.await(stored).count(StoreOutcome.STORED);
        storedBytes += (long) count * SIZE;
        wrong += BATCH - count;
      }
    }
  }

  private CompletionStage<StoreResult> store(List<ObjectKey> keys) {
    List<StoreItem> items = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      Content.fill(from.get(i), keys.get(i), 1);
      items.add(new StoreItem(keys.get(i), from.get(i)));
    }
    return adapter.adapter().store(StoreRequest.of(items));
  }

  private void loadAndDelete(List<ObjectKey> keys) {
    List<LoadItem> items = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      Content.poison(into.get(i));
      items.add(LoadItem.of(keys.get(i), into.get(i)));
    }
    LoadResult loaded = FileAdapter.await(adapter.adapter().load(LoadRequest.of(items)));
    for (int i = 0; i < BATCH; i++) {
      boolean right =
          loaded.outcome(i) == LoadOutcome.LOADED && Content.holds(into.get(i), keys.get(i), 1);
      loadedBytes += right ? SIZE : 0;
      wrong += right ? 0 : 1;
    }
    DeleteResult deleted = FileAdapter.await(adapter.adapter().delete(DeleteRequest.of(keys)));
    wrong += BATCH - deleted.count(DeleteOutcome.DELETED);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.it.files.LossCheck.Found;
import io.lmcache.spi.StoreMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Shuts a file system down amid stores, mounts it again and looks at what is left; a line for each
 * crash. To be run in a mount namespace that ends with it: {@code unshare -m --propagation private
 * java … CrashDrill DIRECTORY CASE…}. The stores fail then, so the threads that make them end; the
 * adapter is closed on the dead file system, and must let go of it.
 */
final class CrashDrill {

  private static final LossKeys KEYS =
      new LossKeys(
          160, 40, List.of(1, 700, 4096, 12_289, 65_537, 1 << 17, 262_144 + 512, 512, 1 << 20));

  /** The image, as far as it is written. */
  static final long BYTES = 512L << 20;

  /** How many stores are acknowledged before the first sync of a journal that counts. */
  static final int LEAST_BEFORE_SYNC = 20;

  private static final int MOST_BEFORE_SYNC = 120;
  private static final int MOST_AFTER_SYNC = 40;

  private final CrashCase how;
  private final CrashDisk disk;
  private final Path base;
  private final LossModel model = new LossModel(KEYS);
  private final SplittableRandom lot;
  private final List<String> problems = new ArrayList<>();
  private long inFlight;
  private long direct;
  private long stored;

  private CrashDrill(CrashCase how, CrashDisk disk) {
    this.how = how;
    this.disk = disk;
    this.base = disk.place().resolve("kv/l2");
    this.lot = new SplittableRandom(how.seed());
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Path.of(args[0]);
    for (int i = 1; i < args.length; i++) {
      CrashCase how = CrashCase.parse(args[i]);
      try (CrashDisk disk = new CrashDisk(how.fileSystem(), directory)) {
        System.out.println(new CrashDrill(how, disk).run());
      }
    }
  }

  private CrashRound run() throws IOException, InterruptedException {
    try (FileAdapter adapter =
        FileAdapter.open(how.engine(), base, how.json().toArray(String[]::new))) {
      adapter.recovered();
      LossWriters writers =
          new LossWriters(
              adapter, KEYS, model, () -> model.failures().isEmpty(), false, how.seed(), 1);
      settle(writers);
      crashAmid(writers);
      direct = adapter.counter("direct_stores");
    }
    disk.mountAgain();
    model.ended();
    Found found = LossCheck.run(how.engine(), base, KEYS, model, how.fsync().promise, how.json());
    problems.addAll(found.problems());
    return new CrashRound(
        how,
        stored,
        model.replaced(),
        inFlight,
        direct,
        found.whole(),
        found.lost(),
        found.damaged(),
        problems);
  }

  /** What is on the disk already stays, whatever is synced; some of it is replaced then. */
  private void settle(LossWriters writers) throws IOException {
    writers.store(
        IntStream.range(KEYS.busy() / 2, KEYS.count()).boxed().toList(), 0, StoreMode.IF_ABSENT);
    model.settleAll();
    disk.syncAll();
  }

  private void crashAmid(LossWriters writers) throws IOException, InterruptedException {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      long before = model.stored();
      long least = before + lot.nextInt(LEAST_BEFORE_SYNC, MOST_BEFORE_SYNC);
      Future<?> writing =
          thread.submit(
              (Callable<Void>)
                  () -> {
                    writers.run();
                    return null;
                  });
      model.awaitStored(least);
      disk.syncUnrelated();
      model.awaitStored(model.stored() + lot.nextInt(MOST_AFTER_SYNC));
      model.awaitInFlight();
      model.end();
      problems.addAll(model.failures());
      stored = model.stored() - before;
      inFlight = model.inFlight();
      disk.shutDown();
      writing.get();
    } catch (ExecutionException e) {
      throw new AssertionError("the writers failed", e);
    } finally {
      thread.shutdownNow();
    }
  }
}

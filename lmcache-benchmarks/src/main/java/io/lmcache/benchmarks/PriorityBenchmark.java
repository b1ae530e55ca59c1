// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Loads of one key at a time, first alone, then beside a {@link Burst}, out of the page cache: how
 * much longer they take, and whether anything else starves meanwhile. With loads done by the
 * workers, and with threads of their own.
 *
 * <p>The directory is shared, so that lookups ask the file system and not an index in Java.
 */
final class PriorityBenchmark {

  /**
   * How much is done.
   *
   * @param samples how many loads are timed, if they take no longer than the seconds
   * @param kept how many objects of the burst are there at the same time, beside those under way
   */
  record Plan(
      int loadBytes,
      int loadObjects,
      int samples,
      int storeBytes,
      int inFlight,
      int kept,
      int seconds,
      List<Integer> readDepths) {

    static final Plan FULL = new Plan(1 << 20, 64, 2000, 6 << 20, 64, 128, 60, List.of(0, 4));
  }

  private static final int WORKERS = 4;
  private static final int LOOKUP_KEYS = 16;
  private static final int LEAST_SAMPLES = 500;

  private final Scratch scratch;
  private final Plan plan;
  private final PrintStream log;
  private final Figures figures = new Figures();

  PriorityBenchmark(Scratch scratch, Plan plan, PrintStream log) {
    this.scratch = scratch;
    this.plan = plan;
    this.log = log;
  }

  static long bytesNeeded(Plan plan) {
    return (long) plan.storeBytes() * (plan.inFlight() + plan.kept())
        + (long) plan.loadBytes() * plan.loadObjects();
  }

  Figures run(int rounds) throws Exception {
    try (Memory from = Memory.of(plan.inFlight(), plan.storeBytes()).random(3);
        Memory hot = Memory.of(plan.loadObjects(), plan.loadBytes()).random(4);
        Memory into = Memory.of(plan.loadObjects(), plan.loadBytes()).poison()) {
      for (int round = 0; round < rounds; round++) {
        for (int depth : plan.readDepths()) {
          Path directory = scratch.fresh("round");
          Cache.settle(directory);
          try (FsNative adapter =
              FsNative.open(
                  directory,
                  "\"shared\": true",
                  "\"num_workers\": " + WORKERS,
                  "\"read_io_depth\": " + depth)) {
            turn(adapter, "read_io_depth " + depth + " ", from, hot, into);
          }
          Scratch.remove(directory);
        }
        log.println("round " + (round + 1) + " of " + rounds + " is done");
      }
      log.println("memory of this process: " + from.kind());
    }
    for (int depth : plan.readDepths()) {
      String name = "read_io_depth " + depth + " load ";
      for (String part : List.of("p50", "p99", "max")) {
        figures.addRatio(
            name + part + " burst / idle", name + "burst " + part, name + "idle " + part);
      }
    }
    return figures;
  }

  private void turn(FsNative adapter, String name, Memory from, Memory hot, Memory into)
      throws Exception {
    List<ObjectKey> keys = IntStream.range(0, plan.loadObjects()).mapToObj(FsNative::key).toList();
    List<StoreItem> items = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      items.add(new StoreItem(keys.get(i), hot.slot(i)));
    }
    L2Adapter l2 = adapter.adapter();
    if (FsNative.await(l2.store(StoreRequest.of(items))).count(StoreOutcome.STORED)
        != keys.size()) {
      throw new IOException("not all were stored");
    }
    List<Path> files = adapter.files();
    Cache.WARM.bringAbout(files);
    loads(l2, keys, into, () -> true); // untimed: the JVM compiles, and memory is touched
    into.mustEqual(hot, keys.size(), "load");
    latencies(name + "load idle ", loads(l2, keys, into, () -> true));

    List<ObjectKey> hits = keys.subList(0, Math.min(LOOKUP_KEYS, keys.size()));
    into.poison();
    try (Burst burst = Burst.start(l2, from, plan.inFlight(), plan.kept(), hits)) {
      burst.awaitAllClasses();
      // Untimed again: what only the burst runs is compiled now, by threads that take processors.
      loads(l2, keys, into, () -> true);
      Burst.Done before = burst.done(System.nanoTime());
      Sample loads = loads(l2, keys, into, () -> burst.hasGoneOn(before));
      Burst.Done done = burst.done(System.nanoTime()).minus(before);
      latencies(name + "load burst ", loads);
      rate(name + "burst loads", loads.sorted().size(), done);
      rate(name + "burst stores", done.stores(), done);
      rate(name + "burst deletes", done.deletes(), done);
      rate(name + "burst lookups (keys)", done.lookups(), done);
      figures.add(
          name + "burst stores", "MB/s", done.perSecond(done.stores() * plan.storeBytes()) / 1e6);
    }
    into.mustEqual(hot, keys.size(), "load beside the burst");
    // Below 100 the kernel needed the memory, and some loads were of the disk.
    figures.add(name + "burst, loads still cached", "%", 100 * Cache.residentPart(files));
  }

  private void rate(String name, long count, Burst.Done done) {
    if (count == 0) {
      throw new IllegalStateException(name + " starve: none in " + done.nanos() / 1e9 + " s");
    }
    figures.add(name + " rate", "1/s", done.perSecond(count));
  }

  private void latencies(String name, Sample micros) {
    figures.add(name + "p50", "us", micros.median());
    figures.add(name + "p99", "us", micros.quantile(0.99));
    figures.add(name + "max", "us", micros.max());
    figures.add(name + "samples", "loads", micros.sorted().size());
  }

  /**
   * Microseconds of each load, one after another.
   *
   * @param enough whether that many will do; more are made until it is so
   */
  private Sample loads(L2Adapter l2, List<ObjectKey> keys, Memory into, BooleanSupplier enough)
      throws IOException {
    List<Double> micros = new ArrayList<>();
    long began = System.nanoTime();
    long end = began + TimeUnit.SECONDS.toNanos(plan.seconds());
    for (int i = 0;
        (i < plan.samples() || !enough.getAsBoolean()) && System.nanoTime() - end < 0;
        i++) {
      int n = i % keys.size();
      LoadRequest request = LoadRequest.of(List.of(LoadItem.of(keys.get(n), into.slot(n))));
      long submitted = System.nanoTime();
      var result = FsNative.await(l2.load(request));
      micros.add((System.nanoTime() - submitted) / 1e3);
      if (result.outcome(0) != LoadOutcome.LOADED) {
        throw new IOException("not loaded: " + result);
      }
    }
    if (micros.size() < Math.min(LEAST_SAMPLES, plan.samples())) {
      throw new IOException(
          "only " + micros.size() + " loads in " + plan.seconds() + " s, too few for a p99");
    }
    return new Sample(micros);
  }
}

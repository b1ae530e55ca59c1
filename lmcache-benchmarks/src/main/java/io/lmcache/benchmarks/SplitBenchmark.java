// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Loads of one large object out of the page cache: {@code fs_native} with one worker and with many,
 * beside threads in C++ that each read a slice of the same file, at once or in pieces of 1 MiB. One
 * round is one file and one turn for each side; the value of a turn is the median of its loads.
 */
final class SplitBenchmark {

  /** How much is done. */
  record Plan(int objectBytes, int workers, int loads) {

    static final Plan FULL = new Plan(192 << 20, 8, 15);
  }

  private interface Turn {
    double nanos() throws Exception;
  }

  private record Named(String name, Turn turn) {}

  private static final int WARMUP = 2;
  private static final int PIECE = 1 << 20;

  private final Scratch scratch;
  private final Plan plan;
  private final Programs programs;
  private final PrintStream log;
  private final Figures figures = new Figures();

  SplitBenchmark(Scratch scratch, Plan plan, Programs programs, PrintStream log) {
    this.scratch = scratch;
    this.plan = plan;
    this.programs = programs;
    this.log = log;
  }

  static long bytesNeeded(Plan plan) {
    return 2L * plan.objectBytes();
  }

  Figures run(int rounds) throws Exception {
    Path loop = programs.splitLoop();
    try (Memory from = Memory.of(1, plan.objectBytes()).random(2);
        Memory into = Memory.of(1, plan.objectBytes()).poison()) {
      for (int round = 0; round < rounds; round++) {
        Path directory = scratch.fresh("round");
        Path file = store(directory, from);
        Cache.settle(directory);
        Cache.WARM.bringAbout(List.of(file));
        List<Named> turns = turns(directory, file, loop, from, into);
        Collections.rotate(turns, round);
        for (Named named : turns) {
          figures.add(named.name(), "GB/s", plan.objectBytes() / named.turn().nanos());
        }
        Scratch.remove(directory);
        log.println("round " + (round + 1) + " of " + rounds + " is done");
      }
      log.println("memory of this process: " + into.kind());
    }
    for (String checksum : List.of("none", "crc32c")) {
      String many = ours(checksum, plan.workers());
      figures.addRatio(many + " / w1", many, ours(checksum, 1));
      figures.addRatio(many + " / c++ slices", many, loop(checksum, plan.workers(), 0));
      figures.addRatio(many + " / c++ pieces", many, loop(checksum, plan.workers(), PIECE));
    }
    return figures;
  }

  private static String ours(String checksum, int workers) {
    return "warm load fs_native-" + checksum + " w" + workers;
  }

  private static String loop(String checksum, int threads, int piece) {
    return "warm load c++-" + checksum + " t" + threads + (piece == 0 ? " slices" : " pieces");
  }

  private Path store(Path directory, Memory from) throws IOException {
    try (FsNative adapter = FsNative.open(directory)) {
      StoreItem item = new StoreItem(FsNative.key(0), from.slot(0));
      var result = FsNative.await(adapter.adapter().store(StoreRequest.of(List.of(item))));
      if (result.outcome(0) != StoreOutcome.STORED) {
        throw new IOException("not stored: " + result);
      }
      return adapter.files().get(0);
    }
  }

  private List<Named> turns(Path directory, Path file, Path loop, Memory from, Memory into) {
    List<Named> turns = new ArrayList<>();
    for (String checksum : List.of("none", "crc32c")) {
      for (int workers : List.of(1, plan.workers())) {
        turns.add(
            new Named(
                ours(checksum, workers), () -> ours(directory, checksum, workers, from, into)));
        for (int piece : List.of(0, PIECE)) {
          turns.add(
              new Named(
                  loop(checksum, workers, piece),
                  () -> loop(file, loop, checksum, workers, piece)));
        }
      }
    }
    return turns;
  }

  private double ours(Path directory, String checksum, int workers, Memory from, Memory into)
      throws IOException {
    try (FsNative adapter =
        FsNative.open(
            directory, "\"num_workers\": " + workers, "\"checksum\": \"" + checksum + '"')) {
      LoadRequest request = LoadRequest.of(List.of(LoadItem.of(FsNative.key(0), into.slot(0))));
      into.poison();
      double[] nanos = new double[plan.loads()];
      for (int i = -WARMUP; i < plan.loads(); i++) {
        long began = System.nanoTime();
        var result = FsNative.await(adapter.adapter().load(request));
        long took = System.nanoTime() - began;
        if (result.outcome(0) != LoadOutcome.LOADED) {
          throw new IOException("not loaded: " + result);
        }
        if (i >= 0) {
          nanos[i] = took;
        }
      }
      into.mustEqual(from, 1, ours(checksum, workers));
      return Sample.of(nanos).median();
    }
  }

  private double loop(Path file, Path loop, String checksum, int threads, int piece)
      throws IOException {
    List<String> lines =
        Programs.run(
            List.of(
                loop.toString(),
                file.toString(),
                "" + threads,
                "" + piece,
                checksum.equals("none") ? "0" : "1",
                "" + plan.loads()));
    long huge = Long.parseLong(lines.get(plan.loads()).replaceAll("[^0-9]", ""));
    log.println("c++: " + (huge >> 20) + " MiB on huge pages");
    return Sample.of(
            lines.subList(0, plan.loads()).stream().mapToDouble(Double::parseDouble).toArray())
        .median();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Stores and loads of many objects: {@code fs_native} with and without checksums, {@code fio}, and
 * a pool on NIO with and without checksums. In each round every side has its turn, in another
 * order; each turn has fresh files, begins with a file system that has nothing left to write, and
 * checks how many objects moved and, where it can, every byte.
 */
final class PeersBenchmark {

  /**
   * How much is done.
   *
   * @param objects a multiple of all numbers of workers
   * @param warmPasses how often all objects are loaded out of the page cache
   */
  record Plan(
      int objects, int objectBytes, List<Integer> workers, List<Boolean> direct, int warmPasses) {

    static final Plan FULL = new Plan(64, 6 << 20, List.of(4, 32), List.of(true, false), 4);
  }

  /** One side with as many buffers as workers, or as objects. */
  private record Contender(String name, boolean batch) {

    Work.Side open(Work work) throws IOException {
      return switch (name) {
        case "fio" -> FioSide.open(work);
        case "nio-none" -> NioSide.open(work, false);
        case "nio-crc32c" -> NioSide.open(work, true);
        case "fs_native-none" -> NativeSide.open(work, "none");
        case "fs_native-crc32c" -> NativeSide.open(work, "crc32c");
        default -> throw new IllegalArgumentException(name);
      };
    }

    String label() {
      return name + (batch ? "/batch" : "");
    }
  }

  private final Scratch scratch;
  private final Plan plan;
  private final PrintStream log;
  private final Figures figures = new Figures();

  PeersBenchmark(Scratch scratch, Plan plan, PrintStream log) {
    this.scratch = scratch;
    this.plan = plan;
    this.log = log;
  }

  static long bytesNeeded(Plan plan) {
    return 2L * plan.objects() * plan.objectBytes();
  }

  Figures run(int rounds) throws Exception {
    List<Contender> contenders = contenders();
    try (Memory from = Memory.of(plan.objects(), plan.objectBytes()).random(1);
        Memory into = Memory.of(plan.objects(), plan.objectBytes()).poison()) {
      for (int round = 0; round < rounds; round++) {
        for (boolean direct : plan.direct()) {
          for (int workers : plan.workers()) {
            List<Contender> order = new ArrayList<>(contenders);
            Collections.rotate(order, round);
            for (Contender contender : order) {
              turn(contender, direct, workers, from, into);
            }
          }
        }
        log.println("round " + (round + 1) + " of " + rounds + " is done");
      }
      log.println("memory of this process: " + from.kind() + " and " + into.kind());
    }
    ratios(contenders);
    return figures;
  }

  private List<Contender> contenders() {
    List<Contender> all = new ArrayList<>();
    if (FioSide.available()) {
      all.add(new Contender("fio", false));
    } else {
      log.println("fio is not installed and left out: apt-get install fio");
    }
    for (String name : List.of("nio-none", "fs_native-none", "nio-crc32c", "fs_native-crc32c")) {
      all.add(new Contender(name, false));
      all.add(new Contender(name, true));
    }
    return all;
  }

  private void turn(Contender contender, boolean direct, int workers, Memory from, Memory into)
      throws Exception {
    Path directory = scratch.fresh("turn");
    Cache.settle(directory);
    int buffers = contender.batch() ? plan.objects() : workers;
    Work work = new Work(directory, workers, direct, plan.objects(), plan.objectBytes(), buffers);
    try (Work.Side side = contender.open(work)) {
      rate(figure(direct, "store", workers, contender), work.bytes(), side.store(from));
      if (side.files().size() != plan.objects()) {
        throw new IllegalStateException(
            contender.label() + " left " + side.files().size() + " files");
      }
      // Loads that go past the page cache must find nothing in it, or the kernel writes it out.
      Cache.COLD.bringAbout(side.files());
      load(side, work, figure(direct, "load cold", workers, contender), from, into, 1);
      if (!direct) {
        Cache.WARM.bringAbout(side.files());
        load(
            side,
            work,
            figure(false, "load warm", workers, contender),
            from,
            into,
            plan.warmPasses());
      }
      if (side instanceof FioSide fio) {
        // Beside its figures: ratios are of the same kind of memory only if there were any.
        figures.add(
            figure(direct, "huge pages", workers, contender),
            "MiB",
            (double) (fio.hugeBytes() >> 20));
      }
    }
    Scratch.remove(directory);
  }

  private void load(Work.Side side, Work work, String figure, Memory from, Memory into, int passes)
      throws Exception {
    into.poison();
    rate(figure, work.bytes() * passes, side.load(into, passes));
    if (side.fillsMemory()) {
      into.mustEqual(from, work.buffers(), figure);
    }
  }

  private void rate(String figure, long bytes, long nanos) {
    figures.add(figure, "GB/s", (double) bytes / nanos);
  }

  private static String figure(boolean direct, String what, int workers, Contender contender) {
    return (direct ? "direct " : "buffered ") + what + " w" + workers + " " + contender.label();
  }

  private void ratios(List<Contender> contenders) {
    List<String> ours =
        figures.names().stream().filter(name -> name.contains(" fs_native")).toList();
    for (String name : ours) {
      String before = name.substring(0, name.lastIndexOf(' ') + 1);
      String peer = name.substring(before.length()).replace("fs_native", "nio");
      figures.addRatio(name + " / " + peer, name, before + peer);
      if (contenders.get(0).name().equals("fio")) {
        figures.addRatio(name + " / fio", name, before + "fio");
      }
    }
  }
}

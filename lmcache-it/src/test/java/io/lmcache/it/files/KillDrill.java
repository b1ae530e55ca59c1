// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.it.Programs;
import io.lmcache.it.files.LossCheck.Found;
import io.lmcache.it.files.LossCheck.Promise;
import io.lmcache.spi.StoreMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Kills a writing JVM again and again on one directory, and looks each time at what is left: what
 * was acknowledged is there with its bytes, nothing of the dead remains.
 *
 * <p>The moment is one of what the child reports or leaves to be seen, never of time. What it had
 * reported when it died is still in the pipe, and read to its end. Nothing waits for a child
 * without its pipe, which ends with it.
 *
 * @param base where the directory is made
 * @param kills how often, and some more if none of them met a scan
 * @param seed of keys, moments and everything else
 */
record KillDrill(Engine engine, Path base, int kills, long seed) {

  /** Many quiet ones, so that a scan takes longer than a kill. */
  static final LossKeys KEYS =
      new LossKeys(
          200,
          1500,
          List.of(1, 513, 4096, 12_289, 65_537, 262_144, 1 << 20, (3 << 20) + 5, 1 << 16));

  /** What all objects take, and those being written. */
  static final long BYTES = 1L << 30;

  /** Of a child, unless it is killed in its scan. */
  static final int LEAST_REPORTS = 30;

  /** How many more kills there are until one has met a scan, which may be quicker. */
  static final int MOST_MORE = 20;

  private static final int MOST_REPORTS = 150;
  private static final int KILLED = 128 + 9;
  private static final List<String> OPTIONS =
      List.of("-Xmx128m", "-XX:MaxDirectMemorySize=1g", "-XX:TieredStopAtLevel=1");

  /** When a child is killed. */
  private enum Moment {
    /** After so many reports. */
    REPORTS,
    /** After so many reports and some more, when a file is seen that is being written. */
    STAGING,
    /** While it scans the directory. */
    RECOVERY
  }

  private static final List<Moment> MOMENTS = List.of(Moment.values());

  /**
   * What was covered.
   *
   * @param kills how often a child was killed
   * @param stored how many stores were acknowledged
   * @param replaced how many of them replaced an object
   * @param deleted how many deletes were acknowledged
   * @param inFlight how many operations were under way, of all kills
   * @param leftStaging how many kills left a staging file
   * @param inRecovery how many kills met a child that was scanning
   * @param loaded how many objects were loaded, after all kills
   * @param problems empty unless something is lost
   */
  record Totals(
      int kills,
      long stored,
      long replaced,
      long deleted,
      long inFlight,
      int leftStaging,
      int inRecovery,
      long loaded,
      List<String> problems) {

    static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0, List.of());
  }

  /** Arguments: engine, a directory that is not there, kills, seed. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException, InterruptedException {
    Totals totals =
        new KillDrill(
                Engine.valueOf(args[0]),
                Path.of(args[1]),
                Integer.parseInt(args[2]),
                Long.parseLong(args[3]))
            .run();
    System.out.println(totals);
    if (!totals.problems().isEmpty()) {
      throw new AssertionError(String.join("\n", totals.problems()));
    }
  }

  /** Ends early if something is lost. */
  Totals run() throws IOException, InterruptedException {
    Files.createDirectory(base);
    LossModel model = new LossModel(KEYS);
    storeQuiet(model);
    long before = model.stored();
    Totals totals = Totals.NONE;
    for (int round = 0; round < kills && totals.problems.isEmpty(); round++) {
      Moment moment = MOMENTS.get(round % MOMENTS.size());
      totals = new Round(model, round, moment).run(totals, before);
    }
    for (int round = kills;
        round < kills + MOST_MORE && totals.inRecovery == 0 && totals.problems.isEmpty();
        round++) {
      totals = new Round(model, round, Moment.RECOVERY).run(totals, before);
    }
    return totals;
  }

  private void storeQuiet(LossModel model) throws IOException, InterruptedException {
    try (FileAdapter adapter = FileAdapter.open(engine, base)) {
      LossWriters writers =
          new LossWriters(adapter.recovered(), KEYS, model, () -> true, false, seed, 0);
      for (int n = KEYS.busy(); n < KEYS.count(); n += 100) {
        writers.store(IntStream.range(n, n + 100).boxed().toList(), 0, StoreMode.IF_ABSENT);
      }
    }
    model.settleAll();
  }

  /** One child. */
  private final class Round {

    private final LossModel model;
    private final int number;
    private final Moment moment;
    private final String staging;
    private final SplittableRandom lot;
    private final long enough;
    private boolean recovering;
    private boolean killed;

    Round(LossModel model, int number, Moment moment) {
      this.model = model;
      this.number = number;
      this.moment = moment;
      this.staging = number % 2 == 0 ? "" : "tmp/deep";
      this.lot = new SplittableRandom(seed + number);
      this.enough = model.stored() + lot.nextInt(LEAST_REPORTS, MOST_REPORTS);
    }

    Totals run(Totals sum, long before) throws IOException, InterruptedException {
      List<String> problems = new ArrayList<>();
      int exit = killChild();
      if (exit != KILLED || !killed) {
        problems.add("a child ended by itself, with " + exit);
      }
      problems.addAll(model.failures());
      boolean left = !LossDisk.of(base).staged().isEmpty();
      long inFlight = model.inFlight();
      model.ended();
      Found found = LossCheck.run(engine, base, KEYS, model, Promise.PROCESS, List.of());
      problems.addAll(found.problems());
      return new Totals(
          sum.kills + 1,
          model.stored() - before,
          model.replaced(),
          model.deleted(),
          sum.inFlight + inFlight,
          sum.leftStaging + (left ? 1 : 0),
          sum.inRecovery + (recovering ? 1 : 0),
          sum.loaded + found.whole(),
          problems.stream().map(problem -> this + ": " + problem).toList());
    }

    private int killChild() throws IOException, InterruptedException {
      int firstVersion = (number + 1) * LossWriters.MOST_BATCHES;
      List<String> command =
          Programs.program(
              KillDrillProgram.class,
              OPTIONS,
              engine.name(),
              base.toString(),
              staging,
              "" + lot.nextLong(),
              "" + firstVersion);
      Process child =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader reports = child.inputReader(StandardCharsets.UTF_8)) {
        for (String line = reports.readLine(); line != null; line = reports.readLine()) {
          take(line);
          if (!killed && hasCome(child)) {
            // Not by the process, which would close the pipe.
            killed = child.toHandle().destroyForcibly();
          }
        }
      } finally {
        child.destroyForcibly();
      }
      return child.waitFor();
    }

    private void take(String line) {
      switch (line) {
        case KillDrillProgram.RECOVERING -> recovering = true;
        case KillDrillProgram.RECOVERED -> recovering = false;
        default -> model.accept(LossEvent.parse(line));
      }
    }

    private boolean hasCome(Process child) throws IOException {
      return switch (moment) {
        case REPORTS -> model.stored() >= enough;
        case STAGING -> model.stored() >= enough && somethingIsStaged(child);
        // One that was quicker is killed amid its work.
        case RECOVERY -> recovering || model.stored() >= enough;
      };
    }

    /** It is still there when the child is killed, which is stopped then. */
    private boolean somethingIsStaged(Process child) throws IOException {
      Signals.stop(child);
      boolean staged = !OwnersFiles.staged(base.resolve(staging)).isEmpty();
      if (!staged) {
        Signals.resume(child);
      }
      return staged;
    }

    @Override
    public String toString() {
      return engine + ", seed " + seed + ", kill " + number + " at " + moment;
    }
  }
}

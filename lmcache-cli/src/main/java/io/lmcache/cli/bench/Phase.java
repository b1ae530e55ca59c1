// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the rounds of one operation, warm-up first. A round is timed from its first submit to its
 * last completion; preparing and judging are outside. When the run is to stop, nothing more is
 * submitted, and what is in flight is waited for and judged.
 */
final class Phase<R> {

  private final String name;
  private final BenchPlan plan;
  private final Operation<R> operation;
  private final Failures failures;
  private final BooleanSupplier stop;
  private final Progress progress;
  private final List<PhaseResult.Round> rounds = new ArrayList<>();
  private final LongStream.Builder latencies = LongStream.builder();
  private long ok;
  private long okInWarmup;
  private long bytes;

  Phase(
      String name,
      BenchPlan plan,
      Operation<R> operation,
      Failures failures,
      BooleanSupplier stop,
      Progress progress) {
    this.name = name;
    this.plan = plan;
    this.operation = operation;
    this.failures = failures;
    this.stop = stop;
    this.progress = progress;
  }

  PhaseResult run() {
    for (int i = 0; i < plan.warmupRounds() && !stop.getAsBoolean(); i++) {
      progress.show(PhaseReport.title(name) + ": warm-up round", i, plan.warmupRounds());
      run(new RoundId(true, i));
    }
    for (int i = 0; i < plan.rounds() && !stop.getAsBoolean(); i++) {
      progress.show(PhaseReport.title(name) + ": round", i, plan.rounds());
      run(new RoundId(false, i));
    }
    return new PhaseResult(
        operation.kind(),
        plan.measuredKeys(),
        ok,
        okInWarmup,
        bytes,
        List.copyOf(rounds),
        new Latencies(latencies.build().toArray()));
  }

  private void run(RoundId round) {
    operation.prepare(round);
    Burst<R> burst = new Burst<>();
    try {
      for (int i = 0; i < plan.inFlight() && !stop.getAsBoolean(); i++) {
        int number = i;
        burst.submit(() -> operation.submit(number));
      }
    } finally {
      burst.await();
    }
    RoundTally tally = new RoundTally(name, round, failures);
    for (int i = 0; i < burst.submits(); i++) {
      judge(i, burst.answer(i), burst.failure(i), tally);
    }
    if (round.warmup()) {
      okInWarmup += tally.ok();
    } else {
      rounds.add(new PhaseResult.Round(burst.nanos(), tally.ok()));
      LongStream.of(burst.latencies()).forEach(latencies);
      ok += tally.ok();
      bytes += tally.bytes();
    }
  }

  private void judge(
      int number, @Nullable R answer, @Nullable Throwable failure, RoundTally tally) {
    int before = tally.judged();
    Throwable defect = failure;
    if (answer != null) {
      try {
        operation.judge(number, answer, tally);
      } catch (RuntimeException e) {
        defect = e;
      }
    }
    // An answer that is missing or cannot be read is no answer for the keys that are left.
    String text = defect == null ? "the adapter answered nothing" : defect.toString();
    for (int i = tally.judged() - before; i < plan.numKeys(); i++) {
      tally.bad("DEFECT", operation.key(number, i), text);
    }
  }

  /** The adapter must answer every key, or its answer says nothing. */
  static void checkSize(int answered, int asked) {
    if (answered != asked) {
      throw new IllegalStateException(
          "the adapter answered " + answered + " of " + asked + " keys");
    }
  }
}

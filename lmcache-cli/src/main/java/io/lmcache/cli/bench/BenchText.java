// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.cli.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The report for people. */
final class BenchText {

  private static final String NONE = "-";

  private BenchText() {}

  static String text(BenchReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(title(report));
    lines.add("");
    lines.addAll(table(report));
    lines.add("");
    lines.add("memory: " + report.memory());
    for (PhaseReport phase : report.phases()) {
      lines.add(remark(phase, report));
      phase
          .direct()
          .filter(DirectUse::told)
          .ifPresent(use -> lines.add(phase.title() + ": " + use.line()));
    }
    if (report.plan().runs(OperationKind.LOAD)) {
      lines.add("verify: " + verification(report.verification()));
    }
    lines.add("cleanup: " + cleanup(report.cleanup()));
    report.failures().forEach(kind -> lines.add("FAILED " + kind.line()));
    return String.join("\n", lines) + "\n";
  }

  private static String title(BenchReport report) {
    BenchPlan plan = report.plan();
    return report.adapterType()
        + ": "
        + Figures.count(plan.numKeys(), "key")
        + " of "
        + Figures.binary(plan.objectBytes())
        + " per submit, "
        + Figures.count(plan.inFlight(), "submit")
        + " in flight, "
        + Figures.count(plan.rounds(), "round")
        + " after "
        + Figures.count(plan.warmupRounds(), "warm-up round");
  }

  private static List<String> table(BenchReport report) {
    TextTable table =
        new TextTable(
            List.of(
                "OPERATION",
                ">OK",
                ">FAILED",
                ">MiB/s",
                ">KEYS/s",
                ">p50 ms",
                ">p99 ms",
                ">max ms",
                ">SUBMITS"));
    for (PhaseReport told : report.phases()) {
      PhaseResult phase = told.result();
      Latencies latencies = phase.latencies();
      table.add(
          List.of(
              told.title(),
              Long.toString(phase.ok()),
              Long.toString(phase.failed()),
              phase.kind() == OperationKind.LOOKUP ? NONE : Figures.mib(phase.bytesPerSecond()),
              Figures.fixed(phase.okPerSecond(), 0),
              millis(latencies.p50Millis()),
              millis(latencies.p99Millis()),
              millis(latencies.maxMillis()),
              Integer.toString(latencies.samples())));
    }
    return table.lines();
  }

  private static String millis(OptionalDouble value) {
    return value.isPresent() ? Figures.fixed(value.getAsDouble(), 3) : NONE;
  }

  private static String remark(PhaseReport phase, BenchReport report) {
    if (phase.kind() == OperationKind.LOOKUP) {
      return "lookup: expected "
          + report.expectedHits()
          + " hits, got "
          + report.hits().orElse(0L)
          + "; "
          + phase.cacheState();
    }
    boolean asked = phase.kind() == OperationKind.LOAD && report.notCold().isPresent();
    return asked
        ? "load (cache state " + phase.cacheState() + ")"
        : phase.title() + ": " + phase.cacheState();
  }

  private static String verification(BenchReport.Verification verification) {
    return verification.performed()
        ? Figures.binary(verification.bytesCompared())
            + " compared, "
            + Figures.count(verification.mismatches(), "object")
            + " different"
        : "skipped; --no-skip-verify compares every byte";
  }

  private static String cleanup(Cleanup.Report cleanup) {
    return cleanup.deleted()
        + " deleted, "
        + cleanup.failed()
        + " failed, "
        + cleanup.kept()
        + " kept"
        + (cleanup.absent() == 0 ? "" : ", " + cleanup.absent() + " were not there");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.StoreOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a run says on standard error, one line each. */
final class Notices {

  private Notices() {}

  /** One line per kind of failure, with what to do where the bench knows. */
  static List<String> failures(BenchReport report) {
    List<String> lines = new ArrayList<>();
    report.failures().forEach(kind -> lines.add(kind.line()));
    report.notCold().ifPresent(why -> lines.add("--cold cannot be done: " + why));
    report.notDirect().forEach(phase -> lines.add(notDirect(phase)));
    boolean leftBefore =
        report.plan().only().isPresent()
            && report.failures().stream()
                .anyMatch(kind -> kind.outcome().equals(StoreOutcome.ALREADY_PRESENT.name()));
    if (leftBefore) {
      lines.add(
          "an earlier --only store with --seed "
              + report.plan().seed()
              + " left these objects: take another --seed, or remove the objects of model "
              + BenchKeys.MODEL
              + " from the storage");
    }
    return lines;
  }

  private static String notDirect(PhaseReport phase) {
    DirectUse use = phase.direct().orElseThrow();
    return phase.title()
        + ": "
        + use.bufferedPart()
        + " went through the page cache though direct I/O was asked for ("
        + use.line()
        + "); lmcache doctor --object-bytes says what would make them direct";
  }

  /** Why the buffers are not what they could be. */
  static Optional<String> fallback(Optional<String> unavailable) {
    return unavailable.map(why -> "the buffers are direct buffers of the JVM: " + why);
  }

  /** What happens between a signal and the end. */
  static String onSignal(BenchPlan plan, StoredKeys stored) {
    String wait = "waiting for what is in flight";
    if (stored.count() == 0) {
      return wait;
    }
    return plan.cleansUp()
        ? wait + ", then deleting up to " + Figures.count(stored.count(), "object")
        : wait + "; stored objects stay";
  }

  /** What a run that could not end in order may have left. */
  static String leftBehind(BenchPlan plan, StoredKeys stored, BenchKeys keys) {
    if (!plan.cleansUp() || stored.count() == 0) {
      return "the adapter did not end";
    }
    return "up to "
        + Figures.count(stored.count(), "object")
        + " of run "
        + keys.universe()
        + " may be left in the adapter, such as "
        + stored.example().map(Object::toString).orElse("none");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Optional;

/**
 * What is told of one phase.
 *
 * @param name what it is called in reports: the operation, and for loads perhaps how cold
 * @param result its figures
 * @param cacheState what the page cache may have done to them
 * @param pages what of its files was in the page cache before it; empty if nobody looked
 * @param direct whether it went past the page cache; empty for what moves no object
 * @param verification how its bytes were compared; empty if it loads none
 */
record PhaseReport(
    String name,
    PhaseResult result,
    String cacheState,
    Optional<Residency.Found> pages,
    Optional<DirectUse> direct,
    Optional<BenchReport.Verification> verification) {

  /** Figures of which nothing else is known. */
  static PhaseReport of(String name, PhaseResult result) {
    return new PhaseReport(
        name, result, "unknown", Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A phase's name for people. */
  static String title(String name) {
    return name.replace('_', ' ');
  }

  String title() {
    return title(name);
  }

  OperationKind kind() {
    return result.kind();
  }

  PhaseReport named(String other) {
    return new PhaseReport(other, result, cacheState, pages, direct, verification);
  }

  PhaseReport cacheState(String state) {
    return new PhaseReport(name, result, state, pages, direct, verification);
  }

  PhaseReport pages(Residency.Found found) {
    return new PhaseReport(name, result, cacheState, Optional.of(found), direct, verification);
  }

  PhaseReport direct(DirectUse use) {
    return new PhaseReport(name, result, cacheState, pages, Optional.of(use), verification);
  }

  PhaseReport verification(BenchReport.Verification how) {
    return new PhaseReport(name, result, cacheState, pages, direct, Optional.of(how));
  }
}

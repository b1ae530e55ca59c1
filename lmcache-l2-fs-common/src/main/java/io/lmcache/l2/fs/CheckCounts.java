// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a check has found so far. Safe for use by many threads; waits for nothing but its own lock.
 *
 * <p>Of what is wrong only so much is kept as was asked for: a directory with a million damaged
 * files must not fill the memory.
 */
final class CheckCounts {

  private final int mostFindings;
  private final Map<CheckKind, CheckReport.Tally> tallies = new EnumMap<>(CheckKind.class);
  private final List<CheckFinding> findings = new ArrayList<>();
  private long problems;
  private long left;
  private long gone;
  private long bytesRead;

  CheckCounts(int mostFindings) {
    this.mostFindings = mostFindings;
    for (CheckKind kind : CheckKind.values()) {
      tallies.put(kind, new CheckReport.Tally(0, 0, 0));
    }
  }

  /** Counts something that is as it should be. */
  synchronized void add(CheckKind kind, long bytes) {
    count(kind, bytes, false);
  }

  /** Counts something that is wrong. */
  synchronized void add(CheckFinding finding) {
    count(finding.kind(), finding.bytes(), finding.removed());
    problems++;
    if (!finding.removed()) {
      left++;
    }
    if (findings.size() < mostFindings) {
      findings.add(finding);
    }
  }

  private void count(CheckKind kind, long bytes, boolean removed) {
    tallies.merge(kind, new CheckReport.Tally(1, bytes, removed ? 1 : 0), CheckReport.Tally::plus);
  }

  /** Something was there a moment ago, and is no more. */
  synchronized void addGone() {
    gone++;
  }

  synchronized void addRead(long bytes) {
    bytesRead += bytes;
  }

  synchronized CheckProgress progress() {
    long files = 0;
    for (Map.Entry<CheckKind, CheckReport.Tally> entry : tallies.entrySet()) {
      if (entry.getKey() != CheckKind.FOREIGN) {
        files += entry.getValue().files();
      }
    }
    return new CheckProgress(files, bytesRead, problems);
  }

  synchronized CheckReport report(CheckReport.Place place, boolean repaired, boolean complete) {
    List<CheckFinding> sorted = new ArrayList<>(findings);
    sorted.sort(Comparator.comparing(CheckFinding::kind).thenComparing(CheckFinding::path));
    return new CheckReport(
        place, repaired, complete, tallies, sorted, problems, left, gone, bytesRead);
  }
}

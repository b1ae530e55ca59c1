// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often a side met what, and what it should never have met. Used by one thread. */
final class CrossEngineSeen {

  private static final String PROBLEMS = " problems: ";

  private final Map<String, Long> counts = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  void count(String what) {
    count(what, 1);
  }

  void count(String what, long times) {
    counts.merge(what, times, Long::sum);
  }

  void problem(String text) {
    problems.add(text);
  }

  long of(String what) {
    return counts.getOrDefault(what, 0L);
  }

  List<String> problems() {
    return problems;
  }

  CrossEngineSeen add(CrossEngineSeen other) {
    other.counts.forEach((what, count) -> counts.merge(what, count, Long::sum));
    problems.addAll(other.problems);
    return this;
  }

  /** In one line; {@link #parse} reads it. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    counts.forEach((what, count) -> line.append(what).append('=').append(count).append(' '));
    return line.append(PROBLEMS).append(String.join("; ", problems)).toString();
  }

  static CrossEngineSeen parse(String line) {
    CrossEngineSeen seen = new CrossEngineSeen();
    int end = line.indexOf(PROBLEMS);
    for (String word : line.substring(0, end).strip().split(" ", -1)) {
      int equals = word.indexOf('=');
      seen.counts.put(word.substring(0, equals), Long.valueOf(word.substring(equals + 1)));
    }
    String problems = line.substring(end + PROBLEMS.length());
    if (!problems.isEmpty()) {
      seen.problems.add(problems);
    }
    return seen;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether a phase went past the page cache, as far as the adapter tells.
 *
 * @param setting what it was told to do, and whether it can
 * @param counters what it counted meanwhile, by name
 */
record DirectUse(Optional<String> setting, Map<String, Long> counters) {

  private static final String FALLBACK = "odirect_fallback";
  private static final Set<String> DIRECT = Set.of("direct_loads", "direct_stores");

  DirectUse {
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
  }

  /** Whether the adapter tells anything. */
  boolean told() {
    return setting.isPresent() || !counters.isEmpty();
  }

  /** Whether a counter of that name says which way objects went. */
  static boolean counts(String name) {
    return name.startsWith(FALLBACK) || DIRECT.contains(name);
  }

  /** Whether going past the page cache was asked for. */
  boolean requested() {
    return setting
        .filter(line -> line.startsWith("requested=") && !line.startsWith("requested=false"))
        .isPresent();
  }

  /** Whether objects went through the page cache though they should not have. */
  boolean missed() {
    return requested() && buffered() > 0;
  }

  /** Whether the adapter says that it can. */
  boolean effective() {
    return setting.filter(line -> line.contains("effective=true")).isPresent();
  }

  /** How many objects went through the page cache though they should not have. */
  long buffered() {
    return sum(false);
  }

  /** How many objects went past it. */
  long direct() {
    return sum(true);
  }

  private long sum(boolean direct) {
    return counters.entrySet().stream()
        .filter(counter -> DIRECT.contains(counter.getKey()) == direct)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** For people: how many went through the page cache, of how many. */
  String bufferedPart() {
    return buffered() + " of " + Figures.count(buffered() + direct(), "object");
  }

  /** For people: the setting, and what was counted at all. */
  String line() {
    StringBuilder line = new StringBuilder("odirect: " + setting.orElse("not told"));
    counters.forEach((name, count) -> line.append(count == 0 ? "" : ", " + name + " " + count));
    return line.toString();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether a phase went past the page cache, as far as the adapter tells.
 *
 * @param setting what it was told to do, and whether it can
 * @param counters what it counted meanwhile, by name
 */
record DirectUse(Optional<String> setting, Map<String, Long> counters) {

  DirectUse {
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
  }

  /** Whether the adapter tells anything. */
  boolean told() {
    return setting.isPresent() || !counters.isEmpty();
  }

  /** For people: the setting, and what was counted at all. */
  String line() {
    StringBuilder line = new StringBuilder("odirect: " + setting.orElse("not told"));
    counters.forEach((name, count) -> line.append(count == 0 ? "" : ", " + name + " " + count));
    return line.toString();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.L2Adapter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the bench understands of an adapter's own words about itself. An adapter need not say any of
 * it, and then it is not known.
 */
final class AdapterDetails {

  private final Map<String, String> details;

  AdapterDetails(Map<String, String> details) {
    this.details = details;
  }

  /** What it says now. */
  static AdapterDetails of(L2Adapter adapter) {
    return new AdapterDetails(adapter.status().details());
  }

  /** The directory of this machine in which it keeps its objects as files. */
  Optional<Path> directory() {
    String path = details.get("base_path");
    if (path == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(path)).filter(Files::isDirectory);
    } catch (InvalidPathException e) {
      return Optional.empty(); // another machine's path
    }
  }

  /** What it does about going past the page cache. */
  Optional<String> odirect() {
    return Optional.ofNullable(details.get("odirect"));
  }

  /** Whether a store waits until its bytes are on the disk. */
  boolean syncs() {
    String fsync = details.getOrDefault("fsync", "requested=none");
    return fsync.startsWith("requested=")
        ? fsync.contains("effective=true")
        : !fsync.equals("none");
  }

  /** How often it went past the page cache, and how often it should have but did not. */
  private Map<String, Long> directCounters() {
    Map<String, Long> counters = new TreeMap<>();
    details.forEach(
        (name, value) -> {
          if (DirectUse.counts(name) && value.matches("\\d{1,18}")) {
            counters.put(name, Long.valueOf(value));
          }
        });
    return counters;
  }

  /** What was counted between an earlier moment and this one. */
  DirectUse since(AdapterDetails before) {
    Map<String, Long> more = directCounters();
    before.directCounters().forEach((name, value) -> more.merge(name, -value, Long::sum));
    return new DirectUse(odirect(), more);
  }
}

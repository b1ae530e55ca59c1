// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.AdapterUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * An adapter that can be closed and opened again, while its counters go on. Used by one thread.
 * Needs no test library: children have none.
 */
final class CrossEngineAdapter implements AutoCloseable {

  private final Engine engine;
  private final int multiple;
  private final String fields;
  private final Path base;
  private final Map<String, Long> before = new HashMap<>();
  private FileAdapter now;

  /**
   * Opens one.
   *
   * @param multiple what memory for it is a multiple of
   * @param fields of its configuration
   */
  CrossEngineAdapter(Engine engine, int multiple, String fields, Path base) throws IOException {
    this.engine = engine;
    this.multiple = multiple;
    this.fields = fields;
    this.base = base;
    this.now = FileAdapter.open(engine, base, fields);
  }

  FileAdapter now() {
    return now;
  }

  int multiple() {
    return multiple;
  }

  /** It then knows only what it finds in the directory. */
  void reopen() throws IOException {
    counters(now).forEach((name, count) -> before.merge(name, count, Long::sum));
    now.close();
    now = FileAdapter.open(engine, base, fields);
  }

  /** The time limit of the test that asks detects a scan that hangs. */
  AdapterUsage usageAfterScan() {
    while (now.usage().recovering()) {
      Thread.onSpinWait();
    }
    return now.usage();
  }

  /** How often something was counted, if this engine counts it. */
  long counter(String name) {
    return before.getOrDefault(name, 0L) + counters(now).getOrDefault(name, 0L);
  }

  private static Map<String, Long> counters(FileAdapter adapter) {
    Map<String, Long> counters = new HashMap<>();
    adapter
        .adapter()
        .status()
        .details()
        .forEach(
            (name, value) -> {
              if (value.matches("[0-9]+")) {
                counters.put(name, Long.valueOf(value));
              }
            });
    return counters;
  }

  @Override
  public void close() {
    now.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.L2Adapter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An adapter that runs, together with the thread that its events run on. */
public final class OpenAdapter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OpenAdapter.class);

  private final String name;
  private final AdapterSpec spec;
  private final L2Adapter adapter;
  private final EventThread events;
  private final ProgramFields fields;

  OpenAdapter(
      String name, AdapterSpec spec, L2Adapter adapter, EventThread events, ProgramFields fields) {
    this.name = name;
    this.spec = spec;
    this.adapter = adapter;
    this.events = events;
    this.fields = fields;
  }

  /** The adapter. */
  public L2Adapter adapter() {
    return adapter;
  }

  /** What it was opened with. */
  public AdapterSpec spec() {
    return spec;
  }

  /** What the adapter says, and what becomes of the fields that are the program's, not its. */
  public AdapterStatus status() {
    AdapterStatus own = adapter.status();
    Map<String, String> details = new LinkedHashMap<>(own.details());
    fields.addTo(details);
    return new AdapterStatus(
        own.health(), own.reason(), own.pinnedKeys(), own.leases(), own.failures(), details);
  }

  /**
   * Closes the adapter, then lets its queued events reach the listener and ends their thread. Waits
   * for both together at most for the bound; events that are left then still run, and the thread
   * ends after them. May be called more than once, also by a listener.
   *
   * @param bound how long to wait; zero for not at all
   * @return what became of the work
   */
  public CloseReport close(Duration bound) {
    long begin = System.nanoTime();
    CloseReport report;
    int left;
    try {
      report = adapter.close(bound);
    } finally {
      Duration spent = Duration.ofNanos(System.nanoTime() - begin);
      left = events.close(spent.compareTo(bound) < 0 ? bound.minus(spent) : Duration.ZERO);
    }
    LOG.info("closed {} ({}): {}", name, spec.type(), report);
    if (left > 0) {
      LOG.warn("{} is closed, but its listener is still busy with {} events", name, left);
    }
    return report;
  }

  /** Closes with {@link L2Adapter#DEFAULT_CLOSE_BOUND}. */
  @Override
  public void close() {
    close(L2Adapter.DEFAULT_CLOSE_BOUND);
  }

  @Override
  public String toString() {
    return name + " (" + spec.type() + ")";
  }
}

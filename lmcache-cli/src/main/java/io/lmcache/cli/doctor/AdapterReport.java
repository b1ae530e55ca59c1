// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One adapter that was asked for.
 *
 * @param where what messages call it, such as {@code --l2-adapter #1 (fs_java)}
 * @param type its type
 * @param opened what it said when it was open; empty if it could not be opened
 * @param failures why not, one line each; empty if it could
 * @param misconfigured whether its configuration is the reason
 */
record AdapterReport(
    String where,
    String type,
    Optional<Opened> opened,
    List<String> failures,
    boolean misconfigured) {

  /**
   * What an open adapter said.
   *
   * @param limits what it can take
   * @param status how it is doing
   * @param settings those of its details that depend on the machine
   * @param sizes what becomes of objects of the sizes that were asked about
   */
  record Opened(
      AdapterLimits limits, AdapterStatus status, List<Setting> settings, List<ObjectSize> sizes) {}

  /** What was asked for and is not so. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    failures.forEach(failure -> findings.add(new Finding(where, "open", failure)));
    opened.ifPresent(facts -> add(facts, findings));
    return findings;
  }

  private void add(Opened facts, List<Finding> findings) {
    AdapterStatus status = facts.status();
    if (status.health() != Health.OK) {
      findings.add(
          new Finding(where, "health", status.health() + ": " + OneLine.of(status.reason())));
    }
    for (Setting setting : facts.settings()) {
      if (setting.missed()) {
        findings.add(
            new Finding(
                where,
                setting.name(),
                "requested " + setting.requested() + ", not effective: " + setting.why()));
      }
    }
    for (ObjectSize size : facts.sizes()) {
      size.problem()
          .ifPresent(
              problem ->
                  findings.add(
                      new Finding(where, "object of " + size.bytes() + " bytes", problem)));
    }
  }
}

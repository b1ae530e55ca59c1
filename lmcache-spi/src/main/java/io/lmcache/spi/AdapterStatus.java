// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an adapter tells an operator, at one moment.
 *
 * <p>Where a setting may be without effect, because of the machine, of another setting or of what
 * the version can do, its detail reads {@code requested=VALUE effective=true}, or {@code
 * requested=VALUE effective=false reason=WORDS}; what was not asked for has no {@code effective}.
 * More {@code name=value} pairs may stand between.
 *
 * @param health how it is doing
 * @param reason one line why, if it is not OK; empty otherwise
 * @param pinnedKeys how many keys are pinned
 * @param leases who pins them
 * @param details what else is worth knowing, such as effective settings; in order of importance
 */
public record AdapterStatus(
    Health health,
    String reason,
    int pinnedKeys,
    List<LeaseInfo> leases,
    Map<String, String> details) {

  /** Copies; the order of the details stays. */
  public AdapterStatus {
    leases = List.copyOf(leases);
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }
}

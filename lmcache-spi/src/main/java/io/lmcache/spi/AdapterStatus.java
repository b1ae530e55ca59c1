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
 * <p>An adapter whose storage fails is DEGRADED: from the fifth key in a row of one operation that
 * the storage fails, or the eleventh of the last hundred, until the first that is stored, loaded,
 * deleted, or for a lookup answered; what is there already, or not there, says nothing.
 *
 * @param health how it is doing
 * @param reason one line why, if it is not OK; empty otherwise
 * @param pinnedKeys how many keys are pinned
 * @param leases who pins them
 * @param failures how many keys have failed since open, by operation and error, in a steady order;
 *     what an answer of a closed adapter says is not counted
 * @param details what else is worth knowing, such as effective settings; in order of importance
 */
public record AdapterStatus(
    Health health,
    String reason,
    int pinnedKeys,
    List<LeaseInfo> leases,
    List<FailureCount> failures,
    Map<String, String> details) {

  /** Copies; the order of the details stays. */
  public AdapterStatus {
    leases = List.copyOf(leases);
    failures = List.copyOf(failures);
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }
}

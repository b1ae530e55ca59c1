// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.List;
import java.util.stream.Collectors;

/** What whoever is refused a directory is told: who has it, and what to do. */
final class InUse {

  /** How many owners a message names. */
  private static final int MAX_NAMED = 3;

  private InUse() {}

  /**
   * The message.
   *
   * @param owners who has it, as far as they say
   * @param refused the type of who is refused; may be empty
   */
  static String message(List<OwnerRecord> owners, String refused) {
    String by =
        owners.stream()
            .limit(MAX_NAMED)
            .map(OwnerRecord::describe)
            .collect(Collectors.joining(" and "));
    String more = owners.size() > MAX_NAMED ? " and " + (owners.size() - MAX_NAMED) + " more" : "";
    return "base_path is in use"
        + (by.isEmpty() ? " by another process" : " by " + by + more)
        + advice(owners, refused);
  }

  private static String advice(List<OwnerRecord> owners, String refused) {
    if (refused.equals(DirectoryCheck.TYPE)) {
      return "; close it before anything is removed, or only check";
    }
    boolean repaired =
        !owners.isEmpty()
            && owners.stream().allMatch(owner -> owner.type().equals(DirectoryCheck.TYPE));
    return repaired ? "; wait until that has ended" : "; set \"shared\": true in both";
  }
}

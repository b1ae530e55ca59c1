// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import java.util.List;

/** To be written. */
final class UsageMutants {

  private UsageMutants() {}

  static List<Mutant> all() {
    return List.of();
  }
}

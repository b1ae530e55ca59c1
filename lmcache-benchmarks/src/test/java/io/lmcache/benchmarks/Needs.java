// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a test needs of the machine. */
final class Needs {

  private Needs() {}

  /**
   * Leaves the test out where something is missing. In CI nothing is left out: the test goes on,
   * and fails by what it finds.
   */
  static void that(boolean there, String otherwise) {
    if (System.getenv("CI") == null) {
      assumeTrue(there, otherwise);
    }
  }
}

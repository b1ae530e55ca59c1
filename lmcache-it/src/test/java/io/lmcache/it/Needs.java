// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;

/** What a test needs of the machine. */
public final class Needs {

  private Needs() {}

  /**
   * Leaves the test out where something is missing. In CI nothing is left out: the test goes on,
   * and fails by what it finds.
   */
  public static void that(boolean there, String otherwise) {
    if (System.getenv("CI") == null) {
      assumeTrue(there, otherwise);
    }
  }

  /**
   * Leaves the test out, or fails it in CI, where a program does not end well that shows whether
   * something is possible.
   */
  public static void program(String what, String... trial) throws Exception {
    int exit;
    try {
      exit = new ProcessBuilder(trial).inheritIO().start().waitFor();
    } catch (IOException e) {
      exit = -1;
    }
    that(exit == 0, what + " is not possible here: " + List.of(trial));
    assertThat(exit).as("%s: exit of %s", what, List.of(trial)).isZero();
  }
}

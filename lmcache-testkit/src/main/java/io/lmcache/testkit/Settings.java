// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a run of the contract can be told, by JUnit configuration parameters or system properties.
 *
 * @param patience after how long something that must happen counts as hanging; {@code
 *     lmcache.testkit.patience}, in seconds
 * @param seed where random sequences begin; {@code lmcache.testkit.seed}
 * @param scale how much random and concurrent work is done, 1 being what a build does and 0 a tenth
 *     of it; {@code lmcache.testkit.scale}
 */
record Settings(Duration patience, long seed, int scale) {

  private static final String PREFIX = "lmcache.testkit.";

  static Settings from(Function<String, Optional<String>> parameters) {
    return new Settings(
        Duration.ofSeconds(number(parameters, "patience", 60)),
        number(parameters, "seed", 20_261_122),
        (int) number(parameters, "scale", 1));
  }

  private static long number(
      Function<String, Optional<String>> parameters, String name, long otherwise) {
    return parameters.apply(PREFIX + name).map(Long::parseLong).orElse(otherwise);
  }
}

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
        Duration.ofSeconds(number(parameters, "patience", 60, 1, 86_400)),
        number(parameters, "seed", 20_261_122, Long.MIN_VALUE, Long.MAX_VALUE),
        (int) number(parameters, "scale", 1, 0, 10_000));
  }

  private static long number(
      Function<String, Optional<String>> parameters,
      String name,
      long otherwise,
      long least,
      long most) {
    String text = parameters.apply(PREFIX + name).orElse("").strip();
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        PREFIX + name + " must be a whole number from " + least + " to " + most + ", got " + text);
  }
}

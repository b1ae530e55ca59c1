// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import java.math.BigDecimal;
import java.util.Optional;

/** The least and the largest number that a field allows; infinite for none. */
record Limits(double min, double max) {

  boolean isSet() {
    return min != Double.NEGATIVE_INFINITY || max != Double.POSITIVE_INFINITY;
  }

  /** Whether the number is allowed; reports it if not. */
  boolean allow(BigDecimal number, boolean whole, Place place) {
    // Exact on both sides: a long near its end must not become "within" by rounding to a double.
    if (min != Double.NEGATIVE_INFINITY && number.compareTo(new BigDecimal(min)) < 0) {
      place.refused("must be " + atLeast(whole), shown(number));
      return false;
    }
    if (max != Double.POSITIVE_INFINITY && number.compareTo(new BigDecimal(max)) > 0) {
      place.refused("must be <= " + text(max), shown(number));
      return false;
    }
    return true;
  }

  /** In words, for help. */
  Optional<String> range(boolean whole) {
    if (!isSet()) {
      return Optional.empty();
    }
    if (min == Double.NEGATIVE_INFINITY) {
      return Optional.of("<= " + text(max));
    }
    return Optional.of(
        max == Double.POSITIVE_INFINITY ? atLeast(whole) : text(min) + " to " + text(max));
  }

  private String atLeast(boolean whole) {
    return whole && min == 1 ? "> 0" : ">= " + text(min);
  }

  private static String shown(BigDecimal number) {
    return Text.oneLine(number.toString(), 40);
  }

  private static String text(double limit) {
    return BigDecimal.valueOf(limit).stripTrailingZeros().toPlainString();
  }
}

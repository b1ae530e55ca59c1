// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Numbers. */
final class NumberTypes {

  private NumberTypes() {}

  /** {@code int} and {@code long}: digits only, so that nothing is ever rounded. */
  record Whole(boolean wide, Limits limits) implements ValueType {

    @Override
    public String label() {
      return "int";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!node.isIntegralNumber()) {
        place.unfit(
            node.isNumber() ? "an integer without fraction or exponent" : "an integer", node);
        return null;
      }
      BigInteger number = node.bigIntegerValue();
      if (!limits.allow(new BigDecimal(number), true, place)) {
        return null;
      }
      int bits = wide ? 64 : 32;
      if (number.bitLength() >= bits) {
        place.refused("must fit in " + bits + " bits", Place.shown(node));
        return null;
      }
      return wide ? (Object) number.longValueExact() : (Object) number.intValueExact();
    }

    @Override
    public void check(Object value, Place place) {
      limits.allow(BigDecimal.valueOf(((Number) value).longValue()), true, place);
    }

    @Override
    public Optional<String> range() {
      return limits.range(true);
    }

    @Override
    public boolean isNumeric() {
      return true;
    }
  }

  /** {@code double}. */
  record Real(Limits limits) implements ValueType {

    @Override
    public String label() {
      return "number";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!node.isNumber()) {
        place.unfit("a number", node);
        return null;
      }
      BigDecimal written = node.decimalValue();
      double number = written.doubleValue();
      if (Double.isInfinite(number) || (number == 0 && written.signum() != 0)) {
        place.refused("is no number that fits", Place.shown(node));
        return null;
      }
      return limits.allow(written, false, place) ? number : null;
    }

    @Override
    public void check(Object value, Place place) {
      double number = (Double) value;
      if (Double.isNaN(number) || Double.isInfinite(number)) {
        place.refused("is no number that fits", String.valueOf(number));
      } else {
        limits.allow(BigDecimal.valueOf(number), false, place);
      }
    }

    @Override
    public Optional<String> range() {
      return limits.range(false);
    }

    @Override
    public boolean isNumeric() {
      return true;
    }
  }
}

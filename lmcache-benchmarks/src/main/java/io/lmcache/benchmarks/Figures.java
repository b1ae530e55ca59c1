// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/**
 * The figures of a run: each has a name, and one value for each round, so that the values of one
 * round can be divided by each other. For one thread.
 */
final class Figures {

  private final Map<String, List<Double>> values = new LinkedHashMap<>();
  private final Map<String, String> units = new LinkedHashMap<>();

  /** Adds the value of the next round. */
  void add(String name, String unit, double value) {
    values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    units.put(name, unit);
  }

  /** Adds what each round's value of one figure is, divided by that of another. */
  void addRatio(String name, String dividend, String divisor) {
    combine(name, "x", dividend, divisor, (a, b) -> a / b);
  }

  /** Adds what is left of each round's value of one figure without that of another. */
  void addDifference(String name, String from, String less) {
    combine(name, Objects.requireNonNull(units.get(from), from), from, less, (a, b) -> a - b);
  }

  private void combine(String name, String unit, String a, String b, DoubleBinaryOperator how) {
    List<Double> left = of(a);
    List<Double> right = of(b);
    if (left.size() != right.size()) {
      throw new IllegalStateException(a + " and " + b + " were not measured in the same rounds");
    }
    IntStream.range(0, left.size())
        .forEach(i -> add(name, unit, how.applyAsDouble(left.get(i), right.get(i))));
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** The names, in the order in which they came. */
  List<String> names() {
    return List.copyOf(values.keySet());
  }

  /** The values, round by round. */
  List<Double> of(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  /** One line for each figure. */
  void print(PrintStream out) {
    values.forEach(
        (name, all) -> {
          Sample sample = new Sample(all);
          out.printf(
              Locale.ROOT,
              "%-64s %-7s min %10.3f  median %10.3f  max %10.3f  rounds %d%n",
              name,
              units.get(name),
              sample.min(),
              sample.median(),
              sample.max(),
              all.size());
        });
  }
}

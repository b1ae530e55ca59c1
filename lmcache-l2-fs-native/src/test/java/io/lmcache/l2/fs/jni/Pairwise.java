// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/** Chooses some of many cases, among which any two values that come together in any do so too. */
final class Pairwise {

  /** How many candidates are compared for each place. */
  private static final int SAMPLE = 200;

  /** Two values and the dimensions that they belong to. */
  record Pair(int first, Object a, int second, Object b) {}

  private Pairwise() {}

  /**
   * The smallest of several choices; the same each time.
   *
   * @param values the values of all dimensions of a case, in a fixed order
   * @param enough a choice of no more cases than this is not improved on
   */
  static <T> List<T> choose(
      List<T> all, Function<T, List<Object>> values, int enough, int attempts) {
    Random random = new Random(5);
    List<T> smallest = greedy(all, values, random);
    for (int i = 1; i < attempts && smallest.size() > enough; i++) {
      List<T> other = greedy(all, values, random);
      if (other.size() < smallest.size()) {
        smallest = other;
      }
    }
    return smallest;
  }

  /** Each case is the one of a sample that has the most pairs which no case had before. */
  private static <T> List<T> greedy(List<T> all, Function<T, List<Object>> values, Random random) {
    Set<Pair> open = pairsOf(all, values);
    List<T> shuffled = new ArrayList<>(all);
    List<T> chosen = new ArrayList<>();
    while (!open.isEmpty()) {
      Collections.shuffle(shuffled, random);
      T best = shuffled.get(0);
      long most = 0;
      for (int i = 0; i < shuffled.size() && (i < SAMPLE || most == 0); i++) {
        T candidate = shuffled.get(i);
        long fresh = pairs(values.apply(candidate)).stream().filter(open::contains).count();
        if (fresh > most) {
          best = candidate;
          most = fresh;
        }
      }
      chosen.add(best);
      pairs(values.apply(best)).forEach(open::remove);
    }
    return chosen;
  }

  /** The pairs of values that come together in any of the cases. */
  static <T> Set<Pair> pairsOf(List<T> cases, Function<T, List<Object>> values) {
    Set<Pair> pairs = new HashSet<>();
    cases.forEach(one -> pairs.addAll(pairs(values.apply(one))));
    return pairs;
  }

  private static List<Pair> pairs(List<Object> values) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      for (int k = i + 1; k < values.size(); k++) {
        pairs.add(new Pair(i, values.get(i), k, values.get(k)));
      }
    }
    return pairs;
  }
}

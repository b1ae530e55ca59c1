// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Some of many cases. */
final class DirectPairs {

  /** Two values and the dimensions that they belong to. */
  private record Pair(int first, Object a, int second, Object b) {}

  private DirectPairs() {}

  /** So many cases, among which any two values that can come together do come together. */
  static List<DirectCase> choose(List<DirectCase> all, int count) {
    Set<DirectCase> chosen = new LinkedHashSet<>(pairwise(all));
    Random random = new Random(7);
    while (chosen.size() < count) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    return List.copyOf(chosen);
  }

  /** Greedy: each case is the one of a sample that has the most pairs which no case had before. */
  private static List<DirectCase> pairwise(List<DirectCase> all) {
    Set<Pair> open = new HashSet<>();
    for (DirectCase one : all) {
      open.addAll(pairs(one));
    }
    Random random = new Random(5);
    List<DirectCase> chosen = new ArrayList<>();
    while (!open.isEmpty()) {
      DirectCase best = all.get(0);
      long most = 0;
      for (int i = 0; i < 200 || most == 0; i++) {
        DirectCase candidate = all.get(random.nextInt(all.size()));
        long fresh = pairs(candidate).stream().filter(open::contains).count();
        if (fresh > most) {
          best = candidate;
          most = fresh;
        }
      }
      chosen.add(best);
      open.removeAll(pairs(best));
    }
    return chosen;
  }

  private static List<Pair> pairs(DirectCase one) {
    List<Object> values = one.values();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      for (int k = i + 1; k < values.size(); k++) {
        pairs.add(new Pair(i, values.get(i), k, values.get(k)));
      }
    }
    return pairs;
  }
}

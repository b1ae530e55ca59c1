// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the name that somebody probably meant. Letter case and the choice of {@code -} or {@code _}
 * do not count; a wrong, missing, additional or swapped letter counts one.
 */
public final class Nearest {

  /** Longer names are not compared: the cost grows with the square. */
  private static final int LONGEST = 100;

  private Nearest() {}

  /** The known name that is nearest, if one is near enough. */
  public static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    String wanted = plain(name);
    int best = Math.max(1, Math.min(3, wanted.length() / 3)) + 1;
    String nearest = null;
    for (String candidate : known) {
      int distance = distance(wanted, plain(candidate));
      if (distance < best) {
        best = distance;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code ; did you mean "x"?} or nothing, to end a message with. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known).map(near -> "; did you mean \"" + near + "\"?").orElse("");
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  /** Edit distance with swaps of neighbours; three rows of the usual table. */
  private static int distance(String a, String b) {
    int[] twoAbove = new int[b.length() + 1];
    int[] above = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, Math.min(above[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], twoAbove[j - 2] + 1);
        }
      }
      int[] free = twoAbove;
      twoAbove = above;
      above = row;
      row = free;
    }
    return above[b.length()];
  }
}

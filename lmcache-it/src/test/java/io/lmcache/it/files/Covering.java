// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Few of all combinations of some settings, among which any two, or any three, values come
 * together. The same ones each time.
 */
final class Covering {

  private static final int TRIES = 100;

  /** With this one there are fewer rows than with most. */
  private static final long LUCKY = 49;

  private final int together;
  private final int[] sizes;
  private final SplittableRandom lot = new SplittableRandom(LUCKY);

  private Covering(int together, int[] sizes) {
    this.together = together;
    this.sizes = sizes;
  }

  /**
   * Rows with a value from 0 for each setting.
   *
   * @param together how many values meet in a row in every way
   * @param sizes how many values each setting has
   */
  static List<int[]> rows(int together, int... sizes) {
    return new Covering(together, sizes).rows();
  }

  /** Each row has a group that none had before and, of some tries, the most of such groups. */
  private List<int[]> rows() {
    Set<List<Integer>> open = new LinkedHashSet<>();
    addGroups(List.of(), null, open);
    List<int[]> rows = new ArrayList<>();
    while (!open.isEmpty()) {
      List<Integer> group = open.iterator().next();
      int[] best = with(group);
      long most = fresh(best, open);
      for (int i = 1; i < TRIES; i++) {
        int[] other = with(group);
        long count = fresh(other, open);
        if (count > most) {
          best = other;
          most = count;
        }
      }
      rows.add(best);
      open.removeAll(groups(best));
    }
    return rows;
  }

  private int[] with(List<Integer> group) {
    int[] row = IntStream.of(sizes).map(lot::nextInt).toArray();
    for (int i = 0; i < group.size(); i += 2) {
      row[group.get(i)] = group.get(i + 1);
    }
    return row;
  }

  private long fresh(int[] row, Set<List<Integer>> open) {
    return groups(row).stream().filter(open::contains).count();
  }

  private Set<List<Integer>> groups(int[] row) {
    Set<List<Integer>> groups = new LinkedHashSet<>();
    addGroups(List.of(), row, groups);
    return groups;
  }

  /** Groups are settings and values in turn; those of a row, or without one all that can be. */
  private void addGroups(List<Integer> begun, int @Nullable [] row, Set<List<Integer>> groups) {
    if (begun.size() == 2 * together) {
      groups.add(begun);
      return;
    }
    int first = begun.isEmpty() ? 0 : begun.get(begun.size() - 2) + 1;
    for (int setting = first; setting < sizes.length; setting++) {
      for (int value = 0; value < sizes[setting]; value++) {
        if (row == null || row[setting] == value) {
          List<Integer> more = new ArrayList<>(begun);
          more.add(setting);
          more.add(value);
          addGroups(more, row, groups);
        }
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, as wide as their widest cell and two spaces apart. */
public final class TextTable {

  private static final String GAP = "  ";

  private final List<Boolean> right;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A table with a heading.
   *
   * @param heading the columns' names; a leading {@code >} aligns a column to the right
   */
  public TextTable(List<String> heading) {
    right = heading.stream().map(name -> name.startsWith(">")).toList();
    rows.add(
        heading.stream().map(name -> name.startsWith(">") ? name.substring(1) : name).toList());
  }

  /** Adds a row of as many cells as there are columns. */
  public void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  /** The lines, heading first, without spaces at their ends. */
  public List<String> lines() {
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < right.size(); column++) {
      int at = column;
      widths.add(rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      String padding = " ".repeat(widths.get(column) - cell.length());
      line.append(column == 0 ? "" : GAP);
      line.append(right.get(column) ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing();
  }
}

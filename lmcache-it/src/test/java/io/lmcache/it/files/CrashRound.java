// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.util.List;

/**
 * What became of a crash; a line, so that a child can tell it.
 *
 * @param stored how many stores were acknowledged before it
 * @param replaced how many of them replaced an object
 * @param inFlight how many were under way when the file system was shut down
 * @param direct how many of all went past the page cache
 * @param whole how many objects arrived with their bytes afterwards
 * @param lost how many keys did not hold what was acknowledged last
 * @param damaged how many keys had a file that could not be served
 * @param problems what breaks a promise
 */
record CrashRound(
    CrashCase how,
    long stored,
    long replaced,
    long inFlight,
    long direct,
    int whole,
    int lost,
    int damaged,
    List<String> problems) {

  @Override
  public String toString() {
    return how + " " + stored + " " + replaced + " " + inFlight + " " + direct + " " + whole + " "
        + lost + " " + damaged + " " + problems;
  }

  static CrashRound parse(String line) {
    String[] words = line.split(" ", 9);
    return new CrashRound(
        CrashCase.parse(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Integer.parseInt(words[5]),
        Integer.parseInt(words[6]),
        Integer.parseInt(words[7]),
        words[8].equals("[]") ? List.of() : List.of(words[8]));
  }
}

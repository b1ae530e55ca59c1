// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

/**
 * What a writer is about to do to a key, or what came of it; a line, so that children can tell it.
 *
 * @param n the key
 * @param version what is stored, or -1
 * @param text why it failed, or empty
 */
record LossEvent(Kind kind, int n, int version, String text) {

  enum Kind {
    STORING,
    STORED,
    /** An object of the same size was there, and stayed. */
    KEPT,
    DELETING,
    DELETED,
    /** There was nothing to delete. */
    ABSENT,
    FAILED;

    /** Whether it is said before anything is done. */
    boolean isAnnouncement() {
      return this == STORING || this == DELETING;
    }
  }

  static LossEvent of(Kind kind, int n, int version) {
    return new LossEvent(kind, n, version, "");
  }

  @Override
  public String toString() {
    return kind + " " + n + " " + version + " " + text.replace('\n', ' ');
  }

  static LossEvent parse(String line) {
    String[] words = line.split(" ", 4);
    return new LossEvent(
        Kind.valueOf(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3]);
  }
}

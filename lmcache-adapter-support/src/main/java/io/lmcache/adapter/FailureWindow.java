// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import java.util.BitSet;

/**
 * Whether one operation fails too often: {@value #IN_A_ROW} keys in a row, or more than {@value
 * #OF_THE_LAST} of the last {@value #LAST}. It then does until the first key that succeeds, with
 * which it begins anew. Guarded by its owner.
 */
final class FailureWindow {

  static final int IN_A_ROW = 5;
  static final int LAST = 100;
  static final int OF_THE_LAST = 10;

  /** The last keys, in a ring: set are those that failed. */
  private final BitSet failed = new BitSet(LAST);

  private int next;
  private int seen;
  private int inARow;
  private boolean failing;

  /** Whether the operation fails too often. */
  boolean isFailing() {
    return failing;
  }

  /** Whether none of the last keys failed, so that a success changes nothing. */
  boolean isCalm() {
    return failed.isEmpty();
  }

  void failed() {
    inARow++;
    add(true);
    failing |= inARow >= IN_A_ROW || failed.cardinality() > OF_THE_LAST;
  }

  void succeeded() {
    inARow = 0;
    if (failing) {
      failing = false;
      failed.clear();
      seen = 0;
    } else {
      add(false);
    }
  }

  private void add(boolean failure) {
    failed.set(next, failure);
    next = (next + 1) % LAST;
    seen = Math.min(LAST, seen + 1);
  }

  /**
   * How it fails, such as {@code 5 stores in a row failed}.
   *
   * @param operations what it is called, such as {@code stores}
   */
  String howOften(String operations) {
    return inARow >= IN_A_ROW
        ? inARow + " " + operations + " in a row failed"
        : failed.cardinality() + " of the last " + seen + " " + operations + " failed";
  }
}

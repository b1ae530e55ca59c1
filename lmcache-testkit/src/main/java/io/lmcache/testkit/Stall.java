// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

/**
 * Holds an adapter's storage, a device that accepts a call and does not answer, and lets it fail.
 *
 * <p>Adapters that are built on {@code BlockingL2Adapter} need not make one. Its methods are called
 * by the test's thread.
 */
public interface Stall {

  /** What an adapter wants of its storage. */
  enum Call {
    /** To write an object. */
    STORE,
    /** To read an object. */
    LOAD,
    /** To say whether an object is there, for a lookup. */
    LOOKUP,
    /** To delete an object. */
    DELETE
  }

  /** From now on every operation on objects that reaches the storage stays inside it. */
  void hold();

  /** How many operations are inside and held now. */
  int held();

  /** Lets all of them go, and those that come later pass; what was to fail does so no more. */
  void release();

  /**
   * Lets the storage fail: the next so many operations of a kind that reach it end with an I/O
   * error and without effect. Only operations of that kind are made meanwhile.
   *
   * @return whether it can; if not, nothing fails, and rules about this failure are not checked
   */
  boolean failNext(Call call, int operations);
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

/**
 * Holds an adapter's storage: a device that accepts a call and does not answer.
 *
 * <p>Adapters that are built on {@code BlockingL2Adapter} need not make one. Its methods are called
 * by the test's thread.
 */
public interface Stall {

  /** From now on every operation on objects that reaches the storage stays inside it. */
  void hold();

  /** How many operations are inside and held now. */
  int held();

  /** Lets all of them go, and those that come later pass. */
  void release();
}

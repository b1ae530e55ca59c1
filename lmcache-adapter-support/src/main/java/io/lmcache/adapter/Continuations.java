// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

/**
 * Marks the threads that complete stages, and so run what callers chained to them: inside of that
 * nobody may wait for the adapter's close, which may need this very thread.
 */
final class Continuations {

  private final ThreadLocal<Boolean> running = ThreadLocal.withInitial(() -> false);

  void run(Runnable completing) {
    boolean nested = running.get();
    running.set(true);
    try {
      completing.run();
    } finally {
      running.set(nested);
    }
  }

  /** Whether this thread is inside of {@link #run}. */
  boolean areRunningHere() {
    return running.get();
  }
}

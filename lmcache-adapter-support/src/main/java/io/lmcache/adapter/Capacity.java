// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

/** What an adapter's usage is measured against. Safe for use by many threads. */
@FunctionalInterface
public interface Capacity {

  /**
   * The capacity now, in bytes; 0 for none. Does no I/O and does not wait.
   *
   * @param storedBytes what the adapter holds
   */
  long bytes(long storedBytes);

  /**
   * The adapter itself stored so many bytes more, or removed them if negative. Told in one step
   * with what it holds, once they are written and before the next {@link #bytes}. What it finds, or
   * finds missing, is not told. Does no I/O and does not wait.
   */
  default void changed(long bytes) {}

  /** The same at all times; 0 for none. */
  static Capacity of(long bytes) {
    return storedBytes -> bytes;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * Which of the requests that wait for a worker goes first. It changes the order of waiting work
 * only: running work is not stopped, and none waits for ever.
 */
public enum Priority {
  /** Somebody waits for it: a load that a prompt needs now. */
  HIGH,
  /** The usual case. */
  NORMAL,
  /** Work that can wait: copying to a second place, filling ahead. */
  LOW
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/** {@code fsync}: what is on the disk when a store completes. */
public enum Fsync {
  /** Nothing waits for the disk. */
  NONE,
  /** A file's bytes are on the disk before its name appears. */
  DATA,
  /** So is the name before the store completes. */
  FULL
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/** {@code checksum}: what is computed over an object's bytes and compared when it is loaded. */
public enum Checksum {
  /** CRC-32C. */
  CRC32C,
  /** None is computed, and none is compared. */
  NONE
}

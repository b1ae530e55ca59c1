// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** {@code checksum}: what is computed over an object's bytes when it is stored. */
public enum Checksum {
  /** CRC-32C; a load compares it. */
  CRC32C,
  /** Nothing is computed, and nothing compared. */
  NONE
}

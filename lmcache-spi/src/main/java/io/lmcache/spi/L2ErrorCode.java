// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/** The kinds of failure that a caller can tell apart and act on. */
public enum L2ErrorCode {
  /** The storage answered with an error that no other code names. */
  IO,
  /** No room: disk full, quota reached. */
  NO_SPACE,
  /** The storage refuses access: permissions, a read-only file system, credentials. */
  ACCESS,
  /** The storage is not there: directory gone, network down, workers gone. */
  UNAVAILABLE,
  /** The adapter is closed, or closed before a worker began. */
  CLOSED,
  /** The deadline passed before a worker began. */
  DEADLINE,
  /** This adapter cannot hold such a key. */
  UNSUPPORTED_KEY,
  /** The object is larger than {@link AdapterLimits#maxObjectBytes()}. */
  TOO_LARGE,
  /** The buffer's address or length does not fit {@link AdapterLimits}. */
  MISALIGNED,
  /** The adapter declines this feature: {@link AdapterLimits#declined()}. */
  DECLINED,
  /** A defect of the adapter. */
  INTERNAL
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.util.Optional;

/** {@code --l1-align-bytes}: what the memory of a server aligns objects to and pads them to. */
public final class L1Alignment {

  /** The flag. */
  public static final String FLAG = "--l1-align-bytes";

  /** The largest that memory can have. */
  public static final int MAX = 1 << 30;

  private L1Alignment() {}

  /** What is wrong with a value, if anything is. */
  public static Optional<String> problem(long bytes) {
    return bytes < 1 || bytes > MAX || Long.bitCount(bytes) != 1
        ? Optional.of(FLAG + " must be a power of two, at most " + MAX + ", got " + bytes)
        : Optional.empty();
  }
}

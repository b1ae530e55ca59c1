// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/** How an item ended; the codes are shared with C++. */
enum NativeOutcome {
  PENDING(0),
  STORED(1),
  ALREADY_PRESENT(2),
  LOADED(3),
  NOT_FOUND(4),
  SIZE_MISMATCH(5),
  FOUND(6),
  DELETED(7),
  ABSENT(8),
  FAILED(9),
  DEADLINE(10),
  CLOSED(11),
  CORRUPT(12);

  private static final NativeOutcome[] VALUES = values();

  private final int code;

  NativeOutcome(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** The outcome of a code; one that is not known is a failure. */
  static NativeOutcome of(int code) {
    return code >= 0 && code < VALUES.length ? VALUES[code] : FAILED;
  }
}

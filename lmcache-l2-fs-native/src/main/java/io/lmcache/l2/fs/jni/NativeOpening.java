// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/**
 * What C++ says of an open: why it failed, and what it found out about direct I/O.
 *
 * @param errno of a failure
 * @param step which failed
 * @param reason why direct I/O is not effective
 * @param reasonErrno the errno of {@link Reason#REFUSED} and {@link Reason#FAILED}
 * @param memoryAlignment what addresses must be multiples of
 * @param lengthAlignment what lengths and offsets must be multiples of
 * @param blockSize the file system's preferred unit, which nothing depends on
 */
record NativeOpening(
    int errno,
    NativeStep step,
    Reason reason,
    int reasonErrno,
    long memoryAlignment,
    long lengthAlignment,
    long blockSize) {

  /** How many words C++ writes. */
  static final int WORDS = 7;

  /** Why direct I/O is not effective; the codes are shared with C++. */
  enum Reason {
    EFFECTIVE,
    REFUSED,
    NO_DIO_ALIGN,
    CACHED,
    FAILED
  }

  static NativeOpening of(long[] words) {
    return new NativeOpening(
        (int) words[0],
        NativeStep.of((int) words[1]),
        Reason.values()[(int) words[2]],
        (int) words[3],
        words[4],
        words[5],
        words[6]);
  }

  boolean effective() {
    return reason == Reason.EFFECTIVE;
  }

  /** The reason as status tells it. */
  String why() {
    return switch (reason) {
      case EFFECTIVE -> "";
      case NO_DIO_ALIGN -> "dioalign=0";
      case CACHED -> "cached";
      case REFUSED, FAILED -> NativeCalls.errnoName(reasonErrno);
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Effect;

/**
 * What C++ says of an open: why it failed, and what it found out about direct I/O.
 *
 * @param errno of a failure
 * @param step which failed
 * @param reason why direct I/O is not effective, or not proven to be
 * @param reasonErrno the errno that goes with it
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

  /** What is in the way of direct I/O; the codes are shared with C++. */
  enum Reason {
    EFFECTIVE,
    REFUSED,
    NO_DIO_ALIGN,
    CACHED,
    /** It could not be found out; nothing is opened then. */
    FAILED,
    /** There was no room to find it out; it is tried, and asked again by each store. */
    NO_SPACE,
    /** It works, but nobody can say what is in the page cache. */
    UNSEEN
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

  /** The same with what C++ says of direct I/O by now. */
  NativeOpening settled(long word) {
    return new NativeOpening(
        errno,
        step,
        Reason.values()[(int) word],
        (int) (word >> 32),
        memoryAlignment,
        lengthAlignment,
        blockSize);
  }

  /** Whether direct I/O that is required and not there is why nothing was opened. */
  boolean refusesDirect() {
    return step == NativeStep.PROBE && reason != Reason.FAILED;
  }

  /** Whether objects are moved past the page cache, proven to work or not. */
  boolean effective() {
    return reason == Reason.EFFECTIVE || !proven();
  }

  /** Whether there is an answer. */
  boolean proven() {
    return reason != Reason.NO_SPACE && reason != Reason.UNSEEN;
  }

  /** The reason as status tells it. */
  String why() {
    return switch (reason) {
      case EFFECTIVE -> "";
      case NO_DIO_ALIGN -> "dioalign=0";
      case CACHED -> "cached";
      case REFUSED, FAILED -> NativeCalls.errnoName(reasonErrno);
      case NO_SPACE -> Effect.unprovenWithoutRoom(NativeCalls.errnoName(reasonErrno));
      case UNSEEN ->
          "unproven: the page cache cannot be looked into (mincore: "
              + NativeCalls.errnoName(reasonErrno)
              + ")";
    };
  }
}

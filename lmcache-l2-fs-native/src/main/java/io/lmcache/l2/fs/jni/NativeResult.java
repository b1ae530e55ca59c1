// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

/**
 * Reads an item's result: outcome, step, fallback and errno share the first word, bytes are the
 * second.
 */
final class NativeResult {

  private NativeResult() {}

  static NativeOutcome outcome(long word) {
    return NativeOutcome.of((int) (word & 0xff));
  }

  static NativeStep step(long word) {
    return NativeStep.of((int) (word >>> 8 & 0xff));
  }

  static NativeFallback fallback(long word) {
    return NativeFallback.of((int) (word >>> 16 & 0xff));
  }

  static int errno(long word) {
    return (int) (word >>> 32);
  }

  /** The word that {@link #outcome}, {@link #step} and {@link #errno} take apart. */
  static long word(NativeOutcome outcome, NativeStep step, int errno) {
    return outcome.code() | (long) step.code() << 8 | (long) errno << 32;
  }
}

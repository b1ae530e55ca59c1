// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the C++ library is there: available, demanded, or absent with its cause.
 *
 * <p>It is loaded once, when it is first asked for, and stays for the life of the JVM. There is no
 * fallback: without it {@code fs_native} says why and does not open.
 */
final class NativeLibrary {

  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);

  private NativeLibrary() {}

  /** The outcome of the one attempt; the class is initialized when first asked. */
  private static final class Attempt {
    static final NativeLoader.Outcome OUTCOME = NativeLoader.ofThisMachine().load();

    static {
      if (OUTCOME.failure().isEmpty()) {
        log.info("loaded the native library from {}", OUTCOME.origin());
      }
    }
  }

  /** Why the library cannot be used, or empty if it can. */
  static Optional<String> unavailability() {
    return Attempt.OUTCOME.failure();
  }

  /** Where it was loaded from. */
  static String origin() {
    return Attempt.OUTCOME.origin();
  }

  /**
   * Loads it, if that has not been done.
   *
   * @throws IOException if it cannot be used
   */
  static void ensure() throws IOException {
    Optional<String> failure = unavailability();
    if (failure.isPresent()) {
      throw new IOException(failure.get());
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.core.config.Text;
import io.lmcache.spi.L2AdapterFactory;
import java.util.ServiceConfigurationError;

/**
 * How far the core trusts code on the class path that it did not choose: whatever such code throws
 * is that adapter's trouble, except when the JVM itself is in trouble.
 */
final class Guarded {

  private static final int LONGEST_CAUSE = 400;
  private static final int DEEPEST_CAUSE = 4;
  private static final String SERVICE = L2AdapterFactory.class.getName() + ": ";

  private Guarded() {}

  /** Throws it on if no other adapter could go on either. */
  static void contain(Throwable thrown) {
    // A stack that overflowed inside a provider is unwound by now.
    if (thrown instanceof VirtualMachineError error && !(thrown instanceof StackOverflowError)) {
      throw error;
    }
  }

  /** What was thrown, in one line, with the causes that add something. */
  static String cause(Throwable thrown) {
    StringBuilder text = new StringBuilder(line(thrown));
    Throwable cause = thrown.getCause();
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      String line = line(cause);
      if (text.indexOf(line) < 0) {
        text.append(": ").append(line);
      }
      cause = cause.getCause();
    }
    return Text.oneLine(text.toString(), LONGEST_CAUSE);
  }

  private static String line(Throwable thrown) {
    String message = thrown.getMessage();
    if (thrown instanceof ServiceConfigurationError && message != null) {
      return message.startsWith(SERVICE) ? message.substring(SERVICE.length()) : message;
    }
    String name = thrown.getClass().getSimpleName();
    return message == null || message.isBlank() ? name : name + ": " + message;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.benchmarks;

import java.io.Serial;

/** What the user can mend; the message is one line that says how. */
final class UsageException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}

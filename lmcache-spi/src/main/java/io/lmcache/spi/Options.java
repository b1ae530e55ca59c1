// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What every request can ask for.
 *
 * @param deadline when the answer is of no more use, by the clock of {@link
 *     L2AdapterContext#clock()}; null for never. Keys that no worker has begun by then fail with
 *     {@link L2ErrorCode#DEADLINE}; running work is not stopped.
 * @param priority the place among waiting work
 */
public record Options(@Nullable Instant deadline, Priority priority) {

  /** No deadline, normal priority. */
  public static final Options DEFAULT = new Options(null, Priority.NORMAL);

  /** The same with another deadline. */
  public Options withDeadline(@Nullable Instant newDeadline) {
    return new Options(newDeadline, priority);
  }

  /** The same with another priority. */
  public Options withPriority(Priority newPriority) {
    return new Options(deadline, newPriority);
  }
}

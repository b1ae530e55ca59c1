// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one key.
 *
 * @param outcome what became of it
 * @param error why, if the outcome is a failure; null otherwise
 * @param <O> the outcomes of the operation
 */
public record KeyResult<O extends Enum<O>>(O outcome, @Nullable L2Error error) {

  /** An outcome that needs no reason. */
  public static <O extends Enum<O>> KeyResult<O> of(O outcome) {
    return new KeyResult<>(outcome, null);
  }

  /** {@code FAILED}, or another outcome that has a reason. */
  public static <O extends Enum<O>> KeyResult<O> of(O outcome, L2Error error) {
    return new KeyResult<>(outcome, error);
  }
}

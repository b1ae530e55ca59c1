// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.List;
import java.util.function.Function;

/**
 * Keys to delete.
 *
 * @param keys at least one, none twice
 * @param options deadline and priority
 */
public record DeleteRequest(List<ObjectKey> keys, Options options) {

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if there is no key, or one occurs twice
   */
  public DeleteRequest {
    keys = Requests.checked(keys, Function.identity());
  }

  /** A delete with {@link Options#DEFAULT}. */
  public static DeleteRequest of(List<ObjectKey> keys) {
    return new DeleteRequest(keys, Options.DEFAULT);
  }
}

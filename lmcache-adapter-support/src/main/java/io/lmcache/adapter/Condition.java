// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Health;

/**
 * How a {@link Backend} is doing.
 *
 * @param health OK, DEGRADED or FAILED
 * @param reason one line why, if it is not OK; empty otherwise
 */
public record Condition(Health health, String reason) {

  /** All well. */
  public static final Condition OK = new Condition(Health.OK, "");
}

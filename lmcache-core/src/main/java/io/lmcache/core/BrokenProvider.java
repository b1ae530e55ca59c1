// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

/**
 * A provider that discovery found and could not use.
 *
 * @param provider its class, or the descriptor file if the trouble is there
 * @param jar the jar or directory it comes from; empty if that is not known
 * @param cause why, in one line
 */
public record BrokenProvider(String provider, String jar, String cause) {

  /** One line with all three. */
  @Override
  public String toString() {
    return provider + (jar.isEmpty() ? "" : " in " + jar) + ": " + cause;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.JsonLiteral;

/** {@code use_odirect}: whether files are read and written past the page cache. */
public enum UseOdirect {
  /** Through the page cache. */
  @JsonLiteral("false")
  OFF,
  /** Past it where that works. */
  @JsonLiteral("true")
  ON,
  /** Past it, or not at all. */
  @JsonLiteral("require")
  REQUIRE;

  /** The JSON literal. */
  public String requested() {
    return switch (this) {
      case OFF -> "false";
      case ON -> "true";
      case REQUIRE -> "require";
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.util.Locale;

/** How a command writes its result. */
public enum ReportFormat {
  /** For people. */
  TERMINAL,
  /** For programs: one JSON document. */
  JSON;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

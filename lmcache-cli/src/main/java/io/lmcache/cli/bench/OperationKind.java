// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Locale;

/** What the bench can do, in the order in which it does it. */
enum OperationKind {
  STORE,
  LOOKUP,
  LOAD;

  /** As it is written on the command line and in reports. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

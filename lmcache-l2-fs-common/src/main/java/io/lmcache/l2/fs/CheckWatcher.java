// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.function.Supplier;

/** Who waits for a check. Called often, by many threads at once, so both must be quick. */
public interface CheckWatcher {

  /** Whether the check is to end. */
  boolean isToStop();

  /** It goes on; how far it has come is for whoever wants to know. */
  void goesOn(Supplier<CheckProgress> progress);
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Says what went wrong inside an adapter, where nothing may be thrown any more. */
final class Complaints {

  private static final Logger log = System.getLogger(Complaints.class.getName());

  private final String name;

  Complaints(String name) {
    this.name = name;
  }

  /** Logs, if there is memory left to. */
  void log(String what, Throwable failure) {
    try {
      log.log(Level.ERROR, name + ": " + what, failure);
    } catch (Throwable t) {
      // Nobody is left to tell.
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Closes a storage once, when the last of its users has left: the adapter itself, each worker, each
 * page that is being read.
 */
final class StorageKeeper {

  private static final Logger log = System.getLogger(StorageKeeper.class.getName());

  private final BlockingStorage storage;
  private final String name;
  private int users = 1;

  /** The adapter is the first user. */
  StorageKeeper(BlockingStorage storage, String name) {
    this.storage = storage;
    this.name = name;
  }

  /** One user more; false if the storage is closed already, or closing. */
  synchronized boolean enter() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  /** A user that entered will not come back. */
  void leave() {
    boolean last;
    synchronized (this) {
      last = --users == 0;
    }
    if (last) {
      close(storage, name);
    }
  }

  /** Closes a storage; what it throws is logged. */
  static void close(BlockingStorage storage, String name) {
    try {
      storage.close();
    } catch (Throwable t) {
      log.log(Level.WARNING, name + ": the storage could not be closed: " + t, t);
    }
  }
}

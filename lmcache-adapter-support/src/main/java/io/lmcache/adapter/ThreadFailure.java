// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import java.io.IOException;

/**
 * What an adapter's open throws if one of its threads cannot be started, which the JDK tells by an
 * {@link OutOfMemoryError} whatever the cause.
 */
public final class ThreadFailure {

  private ThreadFailure() {}

  /** The failure to start what is named, with what to do about it. */
  public static IOException of(String what, Throwable cause) {
    return new IOException(
        what
            + " could not be started: "
            + cause.getMessage()
            + "; allow more threads (ulimit -u, pids.max of the cgroup) or more memory",
        cause);
  }
}

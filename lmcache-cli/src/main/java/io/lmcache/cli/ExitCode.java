// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

/** What a command tells the shell. */
public final class ExitCode {

  /** All was as asked. */
  public static final int OK = 0;

  /** Something failed while the command ran. */
  public static final int FAILURE = 1;

  /** The command line or an adapter's configuration cannot be used; nothing was done. */
  public static final int USAGE = 2;

  /** Ended by the user: 128 and the number of SIGINT. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Lets a command end in order when the process is told to end (Ctrl-C, SIGTERM).
 *
 * <p>The JVM answers these signals by running shutdown hooks, and is gone once they return. The
 * hook here asks the command to stop and waits until it has: adapters are to be closed, and what
 * was made for the moment is to be removed. It waits only so long, because an adapter that hangs
 * would otherwise make the process unkillable. The exit code is the JVM's, 128 and the signal's
 * number.
 */
public final class Interruption implements BooleanSupplier, AutoCloseable {

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean requested;

  /**
   * Watches from now on.
   *
   * @param err where to say what is going on
   * @param patience how long to wait for the end
   * @param plan what will be done before the end; asked when the signal comes
   * @param leftovers what may be left; asked when patience is over
   */
  public Interruption(
      PrintWriter err, Duration patience, Supplier<String> plan, Supplier<String> leftovers) {
    hook =
        new Thread(
            () -> {
              requested = true;
              err.println("lmcache: interrupted: " + plan.get());
              err.flush();
              if (!overWithin(patience)) {
                err.println(
                    "lmcache: gave up after " + patience.toSeconds() + " s: " + leftovers.get());
                err.flush();
              }
            },
            "lmcache-interrupted");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      requested = true; // the signal came before: nothing was begun, and nothing is to be
    }
  }

  private boolean overWithin(Duration patience) {
    try {
      return over.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether the command is to stop. */
  @Override
  public boolean getAsBoolean() {
    return requested;
  }

  /** The command is over and nothing is left to wait for. */
  @Override
  public void close() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      requested = true; // the process is ending, perhaps by another cause than a signal
    }
  }
}

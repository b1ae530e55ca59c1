// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.core.config.Text;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the threads of one adapter: daemons that see the class path as the adapter's own classes
 * do, whichever thread happened to ask for them, and that leave a trace in the log if they die.
 */
final class AdapterThreads implements ThreadFactory {

  private static final Logger LOG = LoggerFactory.getLogger(AdapterThreads.class);
  private static final int LONGEST_NAME = 40;

  private final String name;
  private final ClassLoader loader;
  private final AtomicInteger made = new AtomicInteger();

  AdapterThreads(String name, ClassLoader loader) {
    this.name = Text.oneLine(name, LONGEST_NAME);
    this.loader = loader;
  }

  @Override
  public Thread newThread(Runnable task) {
    return newThread(task, "lmc-" + name + "-" + made.incrementAndGet());
  }

  /** The one that runs events. */
  Thread newEventThread(Runnable task) {
    return newThread(task, "lmc-events-" + name);
  }

  private Thread newThread(Runnable task, String threadName) {
    Thread thread = new Thread(null, task, threadName, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(loader);
    thread.setUncaughtExceptionHandler(
        (dead, thrown) -> LOG.error("thread {} died", dead.getName(), thrown));
    return thread;
  }
}

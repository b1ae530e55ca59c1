// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;

/**
 * Sends the log to standard error, one plain line per event: warnings, or with {@code -v}
 * everything and with stack traces.
 *
 * <p>It is set up by code and not by a file, because a file in this jar would also rule programs
 * that merely have the jar on their class path.
 */
final class Logging {

  private static final String QUIET = "%-5level %msg%nopex%n";
  private static final String VERBOSE =
      "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{0} - %msg%n%ex";

  private Logging() {}

  static void configure(boolean verbose) {
    boolean userHasConfigured = System.getProperty("logback.configurationFile") != null;
    if (userHasConfigured
        || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(verbose ? VERBOSE : QUIET);
    encoder.start();
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(stderr);
    root.setLevel(verbose ? Level.DEBUG : Level.WARN);
  }
}

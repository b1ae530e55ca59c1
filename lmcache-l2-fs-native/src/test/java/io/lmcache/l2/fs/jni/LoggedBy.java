// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** What a class logs during a test: warnings and worse unless told otherwise, and only here. */
final class LoggedBy implements BeforeEachCallback, AfterEachCallback {

  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final Logger logger;
  private final @Nullable Level usual;

  LoggedBy(Class<?> type) {
    logger = (Logger) LoggerFactory.getLogger(type);
    usual = logger.getLevel();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    events.start();
    logger.addAppender(events);
    logger.setAdditive(false);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    logger.setAdditive(true);
    logger.setLevel(usual);
    logger.detachAppender(events);
  }

  /** Less than warnings, too, for the rest of the test. */
  void from(Level level) {
    logger.setLevel(level);
  }

  List<String> messages() {
    return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.TestObjects.assertHolds;
import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static io.lmcache.l2.fs.nio.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The adapter as a program opens it. */
final class FsJavaAdapterTest {

  private static final int SIZE = 100_001;

  @TempDir Path base;

  private static L2Adapter open(FsJavaConfig config, TestContext context)
      throws L2ConfigException, IOException {
    return new FsJavaAdapterFactory()
        .open(AdapterSpec.of("fs_java", config, context.common()), context);
  }

  private static StoreOutcome store(L2Adapter adapter, ObjectKey key, int version) {
    StoreItem item = new StoreItem(key, filled(key, version, SIZE));
    return adapter
        .store(new StoreRequest(List.of(item), StoreMode.REPLACE, Options.DEFAULT))
        .toCompletableFuture()
        .join()
        .outcome(0);
  }

  private static LoadOutcome load(L2Adapter adapter, ObjectKey key, MemoryObject into) {
    return adapter
        .load(new LoadRequest(List.of(new LoadItem(key, into, null)), Options.DEFAULT))
        .toCompletableFuture()
        .join()
        .outcome(0);
  }

  @Test
  void theFactoryIsFoundByTypeAndAlias() {
    assertThat(ServiceLoader.load(L2AdapterFactory.class))
        .filteredOn(factory -> factory.type().equals("fs_java"))
        .singleElement()
        .satisfies(
            factory -> {
              assertThat(factory.aliases()).containsExactly("fs");
              assertThat(factory.configType()).isEqualTo(FsJavaConfig.class);
              assertThat(factory.unavailability()).isEmpty();
            });
  }

  @Test
  void thereAreAsManyWorkersAsConfigured() throws Exception {
    for (int workers : new int[] {1, 3, 17}) {
      TestContext context = new TestContext(CommonConfig.DEFAULT);
      try (L2Adapter adapter = open(Configs.in(base).numWorkers(workers).make(), context)) {
        assertThat(store(adapter, key(1), 1)).isEqualTo(StoreOutcome.STORED);
        assertThat(context.liveThreads())
            .filteredOn(name -> name.startsWith("lmc-io-"))
            .hasSize(workers);
        assertThat(adapter.status().details()).containsEntry("num_workers", "" + workers);
      }
      assertThat(context.liveThreads()).isEmpty();
    }
  }

  @Test
  void usageIsMeasuredAgainstTheCapacity() throws Exception {
    TestContext context = new TestContext(CommonConfig.DEFAULT);
    try (L2Adapter adapter = open(Configs.in(base).maxCapacityGb(0.5).make(), context)) {
      store(adapter, key(1), 1);
      assertThat(adapter.usage().capacityBytes()).isEqualTo(1L << 29);
      assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE);
    }
  }

  @Test
  void subDirectoriesAndStagingAreWhereTheConfigurationSays() throws Exception {
    FsJavaConfig config = Configs.in(base).hashSubdirLevels(2).relativeTmpDir("t/m").make();
    try (L2Adapter adapter = open(config, new TestContext(CommonConfig.DEFAULT))) {
      store(adapter, key(1), 1);
      try (Stream<Path> found = Files.list(base.resolve("ab/cd"))) {
        assertThat(found).singleElement().satisfies(f -> assertThat(f).hasSize(SIZE));
      }
      assertThat(base.resolve("t/m")).isEmptyDirectory();
    }
  }

  @Test
  void filesThatAreSharedCannotBeThisAdaptersToRemove() {
    TestContext context = new TestContext(new CommonConfig(null, true, false));
    assertThatThrownBy(() -> open(Configs.in(base.resolve("new")).make(), context))
        .isInstanceOf(L2ConfigException.class)
        .hasMessageContaining("persist_enabled")
        .hasMessageContaining("shared");
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void whatIsRemovedOfAnEarlierRunIsSaidOnceAtOpen() throws Exception {
    FsJavaConfig config = Configs.in(base).make();
    CommonConfig passing = new CommonConfig(null, false, false);
    try (L2Adapter adapter = open(config, new TestContext(CommonConfig.DEFAULT))) {
      for (int i = 0; i < 3; i++) {
        store(adapter, key(i), 1);
      }
    }
    Logger logger = (Logger) LoggerFactory.getLogger("io.lmcache.l2.fs");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    try {
      try (L2Adapter adapter = open(config, new TestContext(passing))) {
        String removing = ": persist_enabled is false: removing 3 objects of an earlier run";
        assertThat(log.list).singleElement().asString().isEqualTo("[WARN] " + base + removing);
        store(adapter, key(1), 1);
      }
      open(config, new TestContext(passing)).close();
      assertThat(log.list).as("nor is more said at close, or where nothing was left").hasSize(1);
    } finally {
      logger.setAdditive(true);
      logger.detachAppender(log);
    }
  }

  /**
   * An interrupt closes the channel that a thread uses. Callers may be interrupted at any time, so
   * no channel may be used on theirs.
   */
  @Test
  void aCallerThatIsInterruptedLosesNothing() throws Exception {
    int rounds = 300;
    TestContext context = new TestContext(CommonConfig.DEFAULT);
    try (L2Adapter adapter = open(Configs.in(base).make(), context)) {
      for (int i = 0; i < rounds; i++) {
        ObjectKey key = key(i % 7);
        Thread.currentThread().interrupt();
        assertThat(store(adapter, key, i)).isEqualTo(StoreOutcome.STORED);
        assertThat(Thread.interrupted()).as("round %d: interrupted", i).isTrue();
        MemoryObject into = poisoned(SIZE);
        Thread.currentThread().interrupt();
        assertThat(load(adapter, key, into)).isEqualTo(LoadOutcome.LOADED);
        assertThat(Thread.interrupted()).as("round %d: interrupted", i).isTrue();
        assertHolds(into, key, i);
      }
      assertThat(adapter.usage().storedObjects()).isEqualTo(7);
    } finally {
      Thread.interrupted(); // Whatever failed, the next test starts without.
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import static io.lmcache.l2.fs.nio.StorageFixture.errorOf;
import static io.lmcache.l2.fs.nio.TestObjects.filled;
import static io.lmcache.l2.fs.nio.TestObjects.key;
import static io.lmcache.l2.fs.nio.TestObjects.poisoned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lmcache.l2.fs.OpenFilesLimit;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.L2ErrorCode;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What an adapter makes of what its trial of direct I/O meets. */
final class DirectProbeTest {

  private static final int UNIT = 4096;
  private static final String FULL = "No space left on device";
  private static final String UNPROVEN =
      "requested=true effective=true unit=4096 reason=unproven: %s when it was tried; the next"
          + " stores try again";

  @TempDir Path base;
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(DirectIo.class);
  private final Level level = logger.getLevel();

  @BeforeEach
  void begin() throws IOException {
    DirectProbe.Result here = DirectProbe.probe(names(), FileCalls.SYSTEM);
    Needs.that(here.proven(), "no direct I/O at " + base + ": " + here.reason());
    assertThat(here.proven()).as("direct I/O at %s", base).isTrue();
    warnings.start();
    logger.addAppender(warnings);
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
  }

  @AfterEach
  void end() {
    logger.setAdditive(true);
    logger.setLevel(level);
    logger.detachAppender(warnings);
  }

  private StagingNames names() {
    return new StagingNames(base, ".lmc-x-");
  }

  private StorageFixture open(UseOdirect wanted, String call, String words) throws IOException {
    return new StorageFixture(
        Configs.in(base).useOdirect(wanted).make(),
        calls -> calls.failOnce(call, new IOException(words)));
  }

  private List<String> warned() {
    return warnings.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** A file system that does not know the flag at all. */
  @ParameterizedTest
  @ValueSource(strings = {"create", "write", "open", "read"})
  void aRefusalIsTheReason(String call) throws Exception {
    WatchedCalls calls = new WatchedCalls(base);
    calls.failOnce(call, new IOException("Invalid argument"));
    DirectProbe.Result result = DirectProbe.probe(names(), calls);
    assertThat(result.works()).isFalse();
    assertThat(result.reason()).isEqualTo("EINVAL");
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void anInterruptIsNoAnswerOfTheFileSystem() {
    try {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> DirectProbe.probe(names(), FileCalls.SYSTEM))
          .isInstanceOf(ClosedByInterruptException.class);
      assertThat(Thread.interrupted()).isTrue();
    } finally {
      Thread.interrupted(); // Whatever failed, the next test starts without.
    }
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void aNameThatIsTakenIsLeftAloneAndAnotherOneUsed() throws Exception {
    Path theirs = Files.writeString(base.resolve(".lmc-x-1.tmp"), "theirs");
    assertThat(DirectProbe.probe(names(), FileCalls.SYSTEM).unproven()).isFalse();
    assertThat(theirs).hasContent("theirs");
    assertThat(base).isDirectoryContaining(theirs::equals);
  }

  @ParameterizedTest
  @CsvSource({
    "create, Too many open files, EMFILE",
    "write, Input/output error, EIO",
    "open staged direct, Permission denied, EACCES",
    "read, Input/output error, EIO"
  })
  void whatSaysNothingFailsTheOpen(String call, String words, String errno) throws Exception {
    for (UseOdirect wanted : List.of(UseOdirect.ON, UseOdirect.REQUIRE)) {
      assertThatThrownBy(() -> open(wanted, call, words).close())
          .isInstanceOf(IOException.class)
          .hasMessage(
              "it cannot be found out whether O_DIRECT works at %s: %s (%s)%s; mend that, or"
                  + " set \"use_odirect\": false",
              base, words, errno, OpenFilesLimit.advice(errno));
    }
    assertThat(warned()).isEmpty();
    try (StorageFixture f = new StorageFixture(Configs.in(base).make())) {
      assertThat(f.files()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "create, No space left on device, ENOSPC",
    "write, No space left on device, ENOSPC",
    "write, Disk quota exceeded, EDQUOT"
  })
  void aFullDiskIsNoAnswerAndTheNextStoreTriesAgain(String call, String words, String errno)
      throws Exception {
    try (StorageFixture f = open(UseOdirect.ON, call, words)) {
      assertThat(f.detail("odirect")).isEqualTo(UNPROVEN.formatted(errno));
      assertThat(f.storage.limits().lengthAlignment()).isEqualTo(UNIT);
      assertThat(warned()).singleElement().asString().contains("not proven", errno);

      // Still full: the trial, and then the store itself.
      f.calls.fail("write staged", new IOException(FULL));
      assertThat(errorOf(() -> f.storage.put(key(1), filled(key(1), 1, UNIT))).code())
          .isEqualTo(L2ErrorCode.NO_SPACE);
      assertThat(f.detail("odirect")).isEqualTo(UNPROVEN.formatted("ENOSPC"));
      f.calls.failNothing();
      f.calls.take();

      f.storage.put(key(1), filled(key(1), 1, UNIT));
      f.storage.put(key(2), filled(key(2), 1, UNIT));
      assertThat(Collections.frequency(f.calls.take(), "create staged direct"))
          .as("one trial and two stores")
          .isEqualTo(3);
      assertThat(f.detail("odirect")).isEqualTo("requested=true effective=true unit=4096");
      f.load(key(1), poisoned(UNIT), 1);
      assertThat(f.files()).hasSize(2);
      assertThat(f.detail("odirect_fallback_errno")).isEqualTo("0");
      assertThat(warned()).hasSize(1);
    }
  }

  @Test
  void whatTurnsOutNotToWorkIsSaidOnceAndBuffered() throws Exception {
    try (StorageFixture f = open(UseOdirect.ON, "write", FULL)) {
      f.calls.failOnce("write staged", new IOException("Operation not supported"));
      f.storage.put(key(1), filled(key(1), 1, UNIT));
      f.storage.put(key(2), filled(key(2), 1, UNIT));
      f.load(key(1), poisoned(UNIT), 1);
      assertThat(f.detail("odirect")).isEqualTo("requested=true effective=false reason=EOPNOTSUPP");
      assertThat(f.detail("odirect_fallback_fs")).isEqualTo("3");
      assertThat(f.storage.limits().lengthAlignment()).as("it was told").isEqualTo(UNIT);
      assertThat(warned()).hasSize(2);
      assertThat(warned().get(1)).contains("does not work", "EOPNOTSUPP", "page cache");
    }
  }

  @Test
  void anErrorWhenItIsTriedAgainHarmsNoStore() throws Exception {
    try (StorageFixture f = open(UseOdirect.ON, "write", FULL)) {
      f.calls.failOnce("create staged", new IOException("Too many open files"));
      f.storage.put(key(1), filled(key(1), 1, UNIT));
      assertThat(f.detail("odirect")).isEqualTo(UNPROVEN.formatted("ENOSPC"));
      f.load(key(1), poisoned(UNIT), 1);
    }
  }

  @Test
  void whereItIsRequiredItMustBeProven() throws Exception {
    assertThatThrownBy(() -> open(UseOdirect.REQUIRE, "write", FULL).close())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "\"use_odirect\": \"require\", but O_DIRECT is not proven to work on ",
            base.toString(),
            ": ENOSPC; make room, or set \"use_odirect\": true");
    try (StorageFixture f = new StorageFixture(Configs.in(base).make())) {
      assertThat(f.files()).isEmpty();
    }
  }
}

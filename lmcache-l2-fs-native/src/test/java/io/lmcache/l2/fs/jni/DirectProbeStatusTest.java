// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.UNIT;
import static io.lmcache.l2.fs.jni.FieldEffects.alignedPoison;
import static io.lmcache.l2.fs.jni.FieldEffects.counter;
import static io.lmcache.l2.fs.jni.FieldEffects.detail;
import static io.lmcache.l2.fs.jni.FieldEffects.open;
import static io.lmcache.l2.fs.jni.FieldEffects.storeAligned;
import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.lmcache.l2.fs.OpenFilesLimit;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator is told where the probe of direct I/O did not get to the end. */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class DirectProbeStatusTest {

  private static final int EIO = 5;
  private static final int ENODEV = 19;
  private static final int EMFILE = 24;
  private static final int ENOSPC = 28;
  private static final int ENOSYS = 38;
  private static final String UNPROVEN =
      "effective=true reason=unproven: ENOSPC when it was tried; the next stores try again";

  @RegisterExtension final LoggedBy logged = new LoggedBy(LMCacheFSClient.class);
  @TempDir Path dir;

  @BeforeEach
  void begin() {
    NativeSeam.setResidentPages(0);
    NativeSeam.setDioAlign(512, UNIT);
  }

  private FsNativeConfigs.Builder config(UseOdirect mode) {
    return FsNativeConfigs.at(dir).direct(mode);
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).allMatch(file -> file.endsWith(".lmcache"));
    }
    assertThat(NativeSeam.hasFaults()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = UseOdirect.class,
      names = {"ON", "REQUIRE"})
  void aFullDiskIsSaidUntilAStoreHasSettledIt(UseOdirect mode) throws Exception {
    NativeSeam.fail(NativeSeam.WRITE, 1, ENOSPC);
    try (L2Adapter adapter = open(config(mode))) {
      String requested = "requested=" + mode.requested() + " ";
      assertThat(detail(adapter, "odirect")).isEqualTo(requested + UNPROVEN);
      assertThat(adapter.limits().lengthAlignment()).isEqualTo(UNIT);
      assertThat(logged.messages())
          .singleElement()
          .asString()
          .contains("O_DIRECT is taken to be effective on ", dir.toString(), "ENOSPC");
      assertThat(storeAligned(adapter, key(0), UNIT, UNIT).outcome(0))
          .isEqualTo(StoreOutcome.STORED);
      assertThat(detail(adapter, "odirect")).isEqualTo(requested + "effective=true");
      assertThat(counter(adapter, "direct_stores")).isEqualTo(1);
      MemoryObject into = alignedPoison(UNIT, UNIT);
      assertThat(load(adapter, keys(1), List.of(into)).outcome(0)).isEqualTo(LoadOutcome.LOADED);
      assertHolds(into, key(0), 1);
    }
    assertThat(logged.messages()).hasSize(1);
  }

  @Test
  void whatTurnsOutToBeCachedIsSaidOnceMore() throws Exception {
    NativeSeam.fail(NativeSeam.WRITE, 1, ENOSPC);
    try (L2Adapter adapter = open(config(UseOdirect.ON).readAhead(UNIT))) {
      assertThat(detail(adapter, "read_ahead_size")).contains("effective=false");
      NativeSeam.setResidentPages(1);
      for (int i = 0; i < 3; i++) {
        assertThat(storeAligned(adapter, key(i), UNIT, UNIT).outcome(0))
            .isEqualTo(StoreOutcome.STORED);
      }
      assertThat(detail(adapter, "odirect"))
          .startsWith("requested=true effective=false reason=cached on ");
      assertThat(detail(adapter, "read_ahead_size")).contains("effective=true");
      assertThat(adapter.limits().lengthAlignment()).as("it was told").isEqualTo(UNIT);
      assertThat(counter(adapter, "odirect_fallback_fs")).isEqualTo(3);
    }
    assertThat(logged.messages()).hasSize(2);
    assertThat(logged.messages().get(1))
        .contains("O_DIRECT is not effective", "cached", "page cache");
  }

  @Test
  void whereItIsRequiredKeysFailOnceItTurnsOutNotToBe() throws Exception {
    NativeSeam.fail(NativeSeam.WRITE, 1, ENOSPC);
    try (L2Adapter adapter = open(config(UseOdirect.REQUIRE))) {
      NativeSeam.setResidentPages(1);
      L2Error error = why(storeAligned(adapter, key(0), UNIT, UNIT).error(0));
      assertThat(error.code()).isEqualTo(L2ErrorCode.MISALIGNED);
      assertThat(error.text())
          .contains("O_DIRECT is not effective on ", "cached", "\"require\" allows nothing else");
    }
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource({"1, 24, EMFILE", "3, 5, EIO"})
  void whatCouldNotBeFoundOutFailsTheOpen(int operation, int errno, String name) throws Exception {
    assertThat(List.of(NativeSeam.CREATE, NativeSeam.WRITE)).contains(operation);
    assertThat(List.of(EMFILE, EIO)).contains(errno);
    for (UseOdirect mode : List.of(UseOdirect.ON, UseOdirect.REQUIRE)) {
      NativeSeam.fail(operation, 1, errno);
      assertThatThrownBy(() -> open(config(mode)).close())
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("it cannot be found out whether O_DIRECT is effective on ")
          .hasMessageContainingAll(
              dir.toString(), "(" + name + ")" + OpenFilesLimit.advice(name) + "; mend that");
      assertNothingIsLeft();
    }
    assertThat(logged.messages()).isEmpty();
    open(config(UseOdirect.REQUIRE)).close();
  }

  @Test
  void whereItIsRequiredAndTheKernelSaysNothingAFullDiskIsTheReason() throws Exception {
    NativeSeam.fail(NativeSeam.DIO_ALIGN, 1, ENOSYS);
    NativeSeam.fail(NativeSeam.WRITE, 1, ENOSPC);
    assertThatThrownBy(() -> open(config(UseOdirect.REQUIRE)).close())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "\"use_odirect\": \"require\", but O_DIRECT is not proven to be effective on ")
        .hasMessageEndingWith(
            "No space left on device (ENOSPC), and the kernel does not say (STATX_DIOALIGN);"
                + " make room, or set \"use_odirect\": true");
    assertNothingIsLeft();
  }

  @Test
  void aFileSystemWhosePagesCannotBeSeenIsSaidTo() throws Exception {
    NativeSeam.fail(NativeSeam.MINCORE, 1, ENODEV);
    String unseen = "unproven: the page cache cannot be looked into (mincore: ENODEV)";
    try (L2Adapter adapter = open(config(UseOdirect.ON))) {
      assertThat(detail(adapter, "odirect"))
          .isEqualTo("requested=true effective=true reason=" + unseen);
      assertThat(storeAligned(adapter, key(0), UNIT, UNIT).outcome(0))
          .isEqualTo(StoreOutcome.STORED);
      assertThat(counter(adapter, "direct_stores")).isEqualTo(1);
      assertThat(detail(adapter, "odirect")).as("once and for all").contains(unseen);
    }
    assertThat(logged.messages()).singleElement().asString().contains(unseen);
    NativeSeam.fail(NativeSeam.DIO_ALIGN, 1, ENOSYS);
    NativeSeam.fail(NativeSeam.MINCORE, 1, ENODEV);
    assertThatThrownBy(() -> open(config(UseOdirect.REQUIRE)).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(unseen + ", and the kernel does not say (STATX_DIOALIGN); set ");
  }

  @Test
  void whatIsEffectiveIsSaidOnceWithItsAlignments() throws Exception {
    logged.from(Level.INFO);
    try (L2Adapter adapter = open(config(UseOdirect.REQUIRE))) {
      for (int i = 0; i < 2; i++) {
        assertThat(storeAligned(adapter, key(i), UNIT, UNIT).outcome(0))
            .isEqualTo(StoreOutcome.STORED);
      }
    }
    assertThat(logged.messages())
        .singleElement()
        .asString()
        .contains("O_DIRECT is effective on ", dir.toString(), "; memory=512 length=4096 ");
  }
}

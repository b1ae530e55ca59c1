// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator reads where the words of the system alone would not say what to do. */
@Tag("native")
final class NativeErrorsTest {

  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int ENFILE = 23;
  private static final int EMFILE = 24;
  private static final int ENOSPC = 28;

  @BeforeAll
  static void load() throws Exception {
    NativeLibrary.ensure();
  }

  @Test
  void aThreadThatDoesNotStartNamesTheFieldAndTheLimit() {
    assertThat(NativeErrors.text(NativeStep.THREAD, "/kv", EAGAIN))
        .isEqualTo(
            "start worker thread for /kv: Resource temporarily unavailable (EAGAIN); lower"
                + " num_workers or read_io_depth, or raise the limit of processes (ulimit -u,"
                + " pids.max of the cgroup)");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPEN", "CREATE", "EVENT", "MAKE_DIRECTORY", "OPEN_STAGING"})
  void wantOfDescriptorsNamesTheFieldAndTheLimit(NativeStep step) {
    assertThat(NativeErrors.text(step, "/kv/x", EMFILE))
        .isEqualTo(
            step.text()
                + " /kv/x: Too many open files (EMFILE); raise the limit of open files (ulimit -n),"
                + " or lower num_workers");
    assertThat(NativeErrors.error(step, "/kv/x", ENFILE).text())
        .isEqualTo(
            step.text()
                + " /kv/x: Too many open files in system (ENFILE); raise the system's limit of open"
                + " files (fs.file-max), or lower num_workers");
    assertThat(NativeErrors.text(step, "/kv/x", ENOSPC))
        .isEqualTo(step.text() + " /kv/x: No space left on device (ENOSPC)");
  }

  @Test
  void whatWasThrownIsABugToReport() {
    assertThat(NativeErrors.text(NativeStep.INTERNAL, "/kv/x", 0))
        .startsWith("handle /kv/x: the C++ library caught an exception")
        .contains("report");
    assertThat(NativeErrors.text(NativeStep.INTERNAL, "/kv/x", ENOMEM))
        .isEqualTo("handle /kv/x: Cannot allocate memory (ENOMEM)");
  }

  @Test
  void anAttributeThatIsRefusedIsNoFullDisk() {
    L2Error refused = NativeErrors.error(NativeStep.ATTRIBUTE_REFUSED, "/kv/x", ENOSPC);
    assertThat(refused.code()).isEqualTo(L2ErrorCode.IO);
    assertThat(refused.retry()).isEqualTo(Retry.LATER);
    assertThat(refused.nativeCode()).isEqualTo("ENOSPC");
    assertThat(refused.text())
        .startsWith("set attribute of staging file for /kv/x: No space left on device (ENOSPC); ")
        .contains("has free blocks");
    L2Error full = NativeErrors.error(NativeStep.SET_ATTRIBUTE, "/kv/x", ENOSPC);
    assertThat(full.code()).isEqualTo(L2ErrorCode.NO_SPACE);
    assertThat(full.retry()).isEqualTo(Retry.AFTER_ROOM);
  }
}

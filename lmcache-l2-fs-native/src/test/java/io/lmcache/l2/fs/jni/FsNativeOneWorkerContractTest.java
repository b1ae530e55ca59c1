// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.AdapterSpec;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The contract of {@code fs_native} with one worker and a directory for staging. */
@Tag("native")
@Tag("seam")
final class FsNativeOneWorkerContractTest extends FsNativeContractTest {

  @Override
  protected AdapterSpec spec(Path directory) {
    return AdapterSpec.of("fs_native", FsNativeConfigs.of(directory, 1, "staging/here", 0));
  }
}

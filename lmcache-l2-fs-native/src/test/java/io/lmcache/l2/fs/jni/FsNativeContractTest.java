// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.testkit.L2AdapterContract;
import io.lmcache.testkit.Stall;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The contract of {@code fs_native} with its default number of workers; nothing is declined. */
@Tag("native")
@Tag("seam")
class FsNativeContractTest extends L2AdapterContract {

  @Override
  protected AdapterSpec spec(Path directory) {
    return AdapterSpec.of("fs_native", FsNativeConfigs.of(directory, 4, "", 0));
  }

  @Override
  protected Stall stall() {
    return new SeamStall();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.testkit.L2AdapterContract;
import io.lmcache.testkit.Stall;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The contract of {@code fs_native} on a directory that it may share, with sub-directories. */
@Tag("native")
@Tag("seam")
class FsNativeSharedContractTest extends L2AdapterContract {

  @Override
  protected AdapterSpec spec(Path directory) {
    FsNativeConfig config = new FsNativeConfig(directory, 4, "staging/here", 0, Checksum.CRC32C, 2);
    return AdapterSpec.of("fs_native", config, new CommonConfig(null, true, true));
  }

  @Override
  protected Stall stall() {
    return new SeamStall();
  }
}

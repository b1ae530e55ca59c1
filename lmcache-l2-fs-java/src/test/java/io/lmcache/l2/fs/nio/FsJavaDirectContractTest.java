// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.testkit.L2AdapterContract;
import java.nio.file.Path;

/** The contract of {@code fs_java} with direct I/O, where the file system has it. */
final class FsJavaDirectContractTest extends L2AdapterContract {

  @Override
  protected AdapterSpec spec(Path directory) {
    return AdapterSpec.of(
        "fs_java", Configs.in(directory).useOdirect(UseOdirect.ON).readAheadSize(4096).make());
  }
}

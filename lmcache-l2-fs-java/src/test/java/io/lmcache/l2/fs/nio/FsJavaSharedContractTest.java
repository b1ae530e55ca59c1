// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.testkit.L2AdapterContract;
import java.nio.file.Path;

/**
 * The contract of {@code fs_java} in a directory that others may use too, with sub-directories and
 * a directory for staging.
 */
final class FsJavaSharedContractTest extends L2AdapterContract {

  @Override
  protected AdapterSpec spec(Path directory) {
    FsJavaConfig config =
        Configs.in(directory).relativeTmpDir("staging/here").hashSubdirLevels(2).make();
    return AdapterSpec.of("fs_java", config, new CommonConfig(null, true, true));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.testkit.L2AdapterContract;
import io.lmcache.testkit.Stall;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The contract of {@code fs_native} in one configuration, see {@link ContractMain}; nothing is
 * declined.
 */
final class ConfiguredContract extends L2AdapterContract {

  static volatile ContractCase configuration = ContractCase.all().get(0);

  @Override
  protected AdapterSpec spec(Path directory) {
    return configuration.spec(directory);
  }

  @Override
  protected boolean insistsOnPadding() {
    return configuration.direct() == UseOdirect.REQUIRE;
  }

  @Override
  protected L2Adapter open(AdapterSpec spec, L2AdapterContext context)
      throws L2ConfigException, IOException {
    NativeLibrary.ensure();
    // The way past the page cache is taken also where the file system caches nevertheless.
    NativeSeam.setResidentPages(0);
    return super.open(spec, context);
  }

  @Override
  protected Stall stall() {
    return new SeamStall();
  }
}

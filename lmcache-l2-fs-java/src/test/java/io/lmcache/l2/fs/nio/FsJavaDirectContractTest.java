// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.UseOdirect;
import java.nio.file.Path;

/** Direct I/O where the length allows it, and the page cache elsewhere. */
final class FsJavaDirectContractTest extends DirectContract {

  FsJavaDirectContractTest() {
    super(UseOdirect.ON);
  }

  @Override
  Configs configs(Path directory) {
    return super.configs(directory).readAheadSize(4096);
  }
}

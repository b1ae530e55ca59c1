// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.UseOdirect;

/** Direct I/O and nothing else: what is not padded is refused. */
final class FsJavaRequireContractTest extends DirectContract {

  FsJavaRequireContractTest() {
    super(UseOdirect.REQUIRE);
  }

  @Override
  protected boolean insistsOnPadding() {
    return true;
  }
}

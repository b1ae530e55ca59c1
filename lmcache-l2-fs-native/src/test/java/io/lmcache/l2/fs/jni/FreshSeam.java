// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Around each test: the library is loaded, and its seam does nothing of its own. */
final class FreshSeam implements BeforeEachCallback, AfterEachCallback {

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    NativeLibrary.ensure();
    NativeSeam.reset();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    NativeSeam.reset();
  }
}

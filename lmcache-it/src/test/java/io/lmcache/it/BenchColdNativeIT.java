// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import org.junit.jupiter.api.Tag;

/** The same of {@code fs_native}. */
@Tag("native")
final class BenchColdNativeIT extends BenchColdIT {

  @Override
  String type() {
    return "fs_native";
  }
}

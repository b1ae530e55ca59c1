// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import java.nio.file.Path;

/** Configurations whose other fields have their defaults. */
final class FsNativeConfigs {

  private FsNativeConfigs() {}

  static FsNativeConfig of(Path base, int workers, String relativeTmpDir, double capacityGb) {
    return new FsNativeConfig(base, workers, relativeTmpDir, capacityGb, Checksum.CRC32C, 0);
  }
}

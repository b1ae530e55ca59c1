// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.FileMode;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.UseOdirect;

/** How a native client is to be opened, as the words that C++ reads. */
final class NativeOptions {

  private static final int ATTRIBUTES = 1;
  private static final int CHECKSUM = 2;

  private NativeOptions() {}

  /**
   * The words, in the order of C++'s OptionWord.
   *
   * @param odirect whether to go past the page cache, whatever the configuration says
   * @param attributes whether files carry attributes
   */
  static long[] words(FsNativeConfig config, UseOdirect odirect, boolean attributes) {
    Integer readAhead = config.readAheadSize();
    return new long[] {
      config.numWorkers(),
      config.readIoDepth(),
      config.readWindowBytes(),
      (attributes ? ATTRIBUTES : 0) | (config.checksum() == Checksum.CRC32C ? CHECKSUM : 0),
      FileMode.bits(config.fileMode()),
      FileMode.bits(config.dirMode()),
      code(odirect),
      readAhead == null ? 0 : readAhead,
      code(config.fsync()),
    };
  }

  private static long code(UseOdirect mode) {
    return switch (mode) {
      case OFF -> 0;
      case ON -> 1;
      case REQUIRE -> 2;
    };
  }

  private static long code(Fsync fsync) {
    return switch (fsync) {
      case NONE -> 0;
      case DATA -> 1;
      case FULL -> 2;
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens an adapter over objects that another one stored, with limits of the disk, on a file system
 * that nobody else writes to; says the capacity before and after one more store, and beside it what
 * the file system itself says. Arguments: {@code base_path}, {@code disk_high_watermark}, {@code
 * disk_min_free_gb}.
 */
final class DiskLimitsMain {

  private static final int SIZE = 1 << 20;

  private DiskLimitsMain() {}

  public static void main(String[] args) throws Exception {
    Path base = Path.of(args[0]);
    FsNativeConfigs.Builder config = FsNativeConfigs.at(base).capacityGb(1);
    try (L2Adapter adapter = FieldEffects.open(config)) {
      store(adapter, 0, 3);
    }
    config.diskLimits(Double.parseDouble(args[1]), Double.parseDouble(args[2]));
    try (L2Adapter adapter = FieldEffects.open(config, FieldEffects.EVICTING)) {
      while (adapter.usage().recovering()) {
        Thread.onSpinWait();
      }
      tell(adapter.usage(), base);
      store(adapter, 3, 4);
      tell(adapter.usage(), base);
    }
  }

  private static void store(L2Adapter adapter, int from, int to) {
    int stored =
        TestObjects.store(adapter, TestObjects.keys(to).subList(from, to), 1, SIZE)
            .count(StoreOutcome.STORED);
    if (stored != to - from) {
      throw new AssertionError(stored + " stored");
    }
  }

  private static void tell(AdapterUsage usage, Path base) throws IOException {
    FileStore disk = Files.getFileStore(base);
    System.out.println(
        String.join(
            " ",
            Long.toString(usage.capacityBytes()),
            Long.toString(usage.storedBytes()),
            Long.toString(disk.getTotalSpace()),
            Long.toString(disk.getUsableSpace())));
  }
}

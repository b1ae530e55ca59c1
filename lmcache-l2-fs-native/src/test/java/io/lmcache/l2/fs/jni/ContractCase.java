// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One configuration in which {@code fs_native} must keep the contract. */
record ContractCase(
    UseOdirect direct, int workers, String tmpDir, Checksum checksum, boolean shared) {

  /** No choice can have fewer: each way of O_DIRECT comes with each place of staging. */
  static final int FEWEST = 9;

  /** Every value with every other. */
  static List<ContractCase> all() {
    List<ContractCase> all = new ArrayList<>();
    for (UseOdirect direct : UseOdirect.values()) {
      for (int workers : new int[] {1, 8}) {
        for (String tmpDir : List.of("", "staging", "staging/here")) {
          for (Checksum checksum : Checksum.values()) {
            for (boolean shared : new boolean[] {false, true}) {
              all.add(new ContractCase(direct, workers, tmpDir, checksum, shared));
            }
          }
        }
      }
    }
    return all;
  }

  /** As few of them as possible, among which any two values come together. */
  static List<ContractCase> pairwise() {
    return Pairwise.choose(all(), ContractCase::values, FEWEST, 10_000);
  }

  List<Object> values() {
    return List.of(direct, workers, tmpDir, checksum, shared);
  }

  AdapterSpec spec(Path directory) {
    FsNativeConfig config =
        FsNativeConfigs.at(directory)
            .direct(direct)
            .workers(workers)
            .tmpDir(tmpDir)
            .checksum(checksum)
            .build();
    return AdapterSpec.of("fs_native", config, new CommonConfig(null, shared, true));
  }
}

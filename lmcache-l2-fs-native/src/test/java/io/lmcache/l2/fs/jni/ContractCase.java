// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One configuration in which {@code fs_native} must keep the contract. */
record ContractCase(
    UseOdirect direct, int workers, String tmpDir, Checksum checksum, boolean shared) {

  private static final int DIRECT = 0;
  private static final int TMP_DIR = 2;

  /** Two values and the dimensions that they belong to. */
  record Pair(int first, Object a, int second, Object b) {}

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

  /**
   * Few of them, among which any two values come together, but for O_DIRECT with where files are
   * staged: these two alone would need half as many again, and have only the place of the probe in
   * common.
   *
   * <p>Each time the one that has the most pairs which none had before.
   */
  static List<ContractCase> pairwise() {
    List<ContractCase> all = all();
    Set<Pair> open = pairsOf(all);
    List<ContractCase> chosen = new ArrayList<>();
    while (!open.isEmpty()) {
      ContractCase best = all.get(0);
      int most = 0;
      for (ContractCase candidate : all) {
        Set<Pair> fresh = candidate.pairs();
        fresh.retainAll(open);
        if (fresh.size() > most) {
          best = candidate;
          most = fresh.size();
        }
      }
      chosen.add(best);
      open.removeAll(best.pairs());
    }
    return chosen;
  }

  /** The pairs of values that come together in any of the cases, but for those above. */
  static Set<Pair> pairsOf(List<ContractCase> cases) {
    Set<Pair> pairs = new HashSet<>();
    cases.forEach(one -> pairs.addAll(one.pairs()));
    return pairs;
  }

  private Set<Pair> pairs() {
    List<Object> values = List.of(direct, workers, tmpDir, checksum, shared);
    Set<Pair> pairs = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      for (int k = i + 1; k < values.size(); k++) {
        if (i != DIRECT || k != TMP_DIR) {
          pairs.add(new Pair(i, values.get(i), k, values.get(k)));
        }
      }
    }
    return pairs;
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

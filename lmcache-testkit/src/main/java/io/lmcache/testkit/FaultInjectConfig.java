// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.ConfigField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration of {@code fault_inject}. {@code rate}, {@code seed}, {@code gap_indices} and
 * {@code gap_tail_ratios} are upstream's and choose the keys that upstream would choose; the others
 * are ours. Rates are shares of the keys, and a key that is chosen once is chosen always.
 *
 * @param inner the adapter that has the faults
 * @param rate how many keys fail to load
 * @param seed which keys those are
 * @param gapIndices the positions in a load that fail
 * @param gapTailRatios the same, as shares of a load counted from its end
 * @param storeFailRate how many keys fail to be stored
 * @param lookupFailRate how many keys fail to be looked up
 * @param deleteFailRate how many keys fail to be deleted
 * @param latencyMs how long each request waits before the inner adapter sees it
 * @param hangEvery every how many requests one hangs; 0 for none
 * @param corruptRate how many keys are LOADED with one wrong bit
 * @param throwRate how many keys make the adapter throw when they are submitted
 */
public record FaultInjectConfig(
    @ConfigField(name = "inner", doc = "the adapter that has the faults", required = true)
        AdapterSpec inner,
    @ConfigField(
            name = "rate",
            doc = "share of the keys that fail to load",
            defaultValue = "0",
            min = 0,
            max = 1)
        double rate,
    @ConfigField(name = "seed", doc = "which keys the rates choose", defaultValue = "0") long seed,
    @ConfigField(
            name = "gap_indices",
            doc = "positions in a load that fail",
            defaultValue = "[]",
            min = 0)
        List<Integer> gapIndices,
    @ConfigField(
            name = "gap_tail_ratios",
            doc = "positions in a load that fail, as shares of it counted from its end",
            defaultValue = "[]",
            min = 0,
            max = 1)
        List<Double> gapTailRatios,
    @ConfigField(
            name = "store_fail_rate",
            doc = "share of the keys that fail to be stored",
            defaultValue = "0",
            min = 0,
            max = 1)
        double storeFailRate,
    @ConfigField(
            name = "lookup_fail_rate",
            doc = "share of the keys that fail to be looked up",
            defaultValue = "0",
            min = 0,
            max = 1)
        double lookupFailRate,
    @ConfigField(
            name = "delete_fail_rate",
            doc = "share of the keys that fail to be deleted",
            defaultValue = "0",
            min = 0,
            max = 1)
        double deleteFailRate,
    @ConfigField(
            name = "latency_ms",
            doc = "how long each request waits before the inner adapter sees it",
            defaultValue = "0",
            min = 0,
            max = 3_600_000,
            unit = "ms")
        int latencyMs,
    @ConfigField(
            name = "hang_every",
            doc = "every how many requests one hangs until it is released or the adapter closes",
            defaultValue = "0",
            min = 0)
        int hangEvery,
    @ConfigField(
            name = "corrupt_rate",
            doc = "share of the keys that are loaded with one wrong bit, silently",
            defaultValue = "0",
            min = 0,
            max = 1)
        double corruptRate,
    @ConfigField(
            name = "throw_rate",
            doc = "share of the keys that make the adapter throw when they are submitted",
            defaultValue = "0",
            min = 0,
            max = 1)
        double throwRate) {

  /** Copies. */
  public FaultInjectConfig {
    gapIndices = List.copyOf(gapIndices);
    gapTailRatios = List.copyOf(gapTailRatios);
  }

  /** No fault. */
  public static FaultInjectConfig none(AdapterSpec inner) {
    return new FaultInjectConfig(inner, 0, 0, List.of(), List.of(), 0, 0, 0, 0, 0, 0, 0);
  }

  /** Which faults there are, by field; without the inner adapter, which may hold secrets. */
  Map<String, String> active() {
    Map<String, String> active = new LinkedHashMap<>();
    put(active, "rate", rate);
    put(active, "store_fail_rate", storeFailRate);
    put(active, "lookup_fail_rate", lookupFailRate);
    put(active, "delete_fail_rate", deleteFailRate);
    put(active, "corrupt_rate", corruptRate);
    put(active, "throw_rate", throwRate);
    if (!active.isEmpty()) {
      active.put("seed", Long.toString(seed));
    }
    if (!gapIndices.isEmpty()) {
      active.put("gap_indices", gapIndices.toString());
    }
    if (!gapTailRatios.isEmpty()) {
      active.put("gap_tail_ratios", gapTailRatios.toString());
    }
    if (latencyMs > 0) {
      active.put("latency_ms", Integer.toString(latencyMs));
    }
    if (hangEvery > 0) {
      active.put("hang_every", Integer.toString(hangEvery));
    }
    return active;
  }

  private static void put(Map<String, String> active, String name, double rate) {
    if (rate > 0) {
      active.put(name, Double.toString(rate));
    }
  }
}

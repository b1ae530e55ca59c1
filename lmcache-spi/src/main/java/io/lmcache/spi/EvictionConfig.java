// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

/**
 * The {@code eviction} block that every adapter's configuration may have.
 *
 * @param evictionPolicy what leaves first
 * @param triggerWatermark the usage, as a fraction of the capacity, at which eviction begins
 * @param evictionRatio the fraction of the capacity that one pass frees
 */
public record EvictionConfig(
    @ConfigField(
            name = "eviction_policy",
            doc = "what leaves first when the adapter is full",
            required = true)
        EvictionPolicy evictionPolicy,
    @ConfigField(
            name = "trigger_watermark",
            doc = "usage, as a fraction of the capacity, at which eviction begins",
            defaultValue = "0.8",
            min = 0,
            max = 1)
        double triggerWatermark,
    @ConfigField(
            name = "eviction_ratio",
            doc = "fraction of the capacity that one pass frees",
            defaultValue = "0.2",
            min = 0,
            max = 1)
        double evictionRatio) {}

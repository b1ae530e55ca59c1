// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import org.jspecify.annotations.Nullable;

/**
 * The fields that every adapter's configuration may have, whatever its type.
 *
 * @param eviction how the core keeps the adapter below its capacity; null for not at all
 * @param shared whether other instances use the same storage at the same time
 * @param persistEnabled whether objects stay when the adapter closes
 */
public record CommonConfig(
    @ConfigField(
            name = "eviction",
            doc = "how the core keeps this adapter below its capacity; absent: not at all")
        @Nullable EvictionConfig eviction,
    @ConfigField(
            name = "shared",
            doc = "whether other instances use the same storage at the same time",
            defaultValue = "false")
        boolean shared,
    @ConfigField(
            name = "persist_enabled",
            doc = "whether objects stay when the adapter closes",
            defaultValue = "true")
        boolean persistEnabled) {

  /** What holds if a configuration says nothing. */
  public static final CommonConfig DEFAULT = new CommonConfig(null, false, true);
}

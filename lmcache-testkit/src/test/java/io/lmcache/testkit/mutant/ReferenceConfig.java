// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.ConfigField;
import java.nio.file.Path;

/**
 * The configuration of the reference adapter.
 *
 * @param directory names the storage
 */
public record ReferenceConfig(
    @ConfigField(name = "directory", doc = "names the storage", required = true) Path directory) {}

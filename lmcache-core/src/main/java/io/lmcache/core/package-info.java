// SPDX-License-Identifier: Apache-2.0
/**
 * Finds adapters on the class path, reads their configuration and opens them.
 *
 * <p>Everything begins at {@link io.lmcache.core.AdapterRegistry}: it is discovered once, parses
 * the JSON of any number of adapters and opens each as an {@link io.lmcache.core.OpenAdapter}.
 */
@NullMarked
package io.lmcache.core;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0
/**
 * What Java cannot ask of Linux: memory on huge pages, and the page cache's share of a file.
 *
 * <p>On other systems, and where the library for the calls cannot be loaded, nothing here works and
 * {@code unavailable()} says why; nothing fails merely by being asked that.
 */
@NullMarked
package io.lmcache.core.memory;

import org.jspecify.annotations.NullMarked;

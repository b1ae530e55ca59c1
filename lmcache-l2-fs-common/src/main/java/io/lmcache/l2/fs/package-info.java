// SPDX-License-Identifier: Apache-2.0
/**
 * The directory format that the file adapters share: how a key becomes a file name, how a directory
 * is prepared, walked and listed.
 *
 * <p>One file holds one object, payload only, flat in {@code base_path}; the names are upstream's,
 * so either side can read what the other wrote.
 */
@NullMarked
package io.lmcache.l2.fs;

import org.jspecify.annotations.NullMarked;

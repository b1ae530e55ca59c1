// SPDX-License-Identifier: Apache-2.0
/**
 * The directory format that the file adapters share: how a key becomes a file name, how a directory
 * is opened, shared, walked and listed, what a file says of itself, and what it is worth when read.
 *
 * <p>One file holds one object, payload only, in {@code base_path} or in sub-directories named
 * after the chunk hash; names are upstream's, so that either side reads what the other wrote. What
 * is known beyond the payload is in an extended attribute, and of the directory as a whole in
 * {@code .lmcache/}. Who begins: {@link io.lmcache.l2.fs.ObjectDirectory}.
 */
@NullMarked
package io.lmcache.l2.fs;

import org.jspecify.annotations.NullMarked;

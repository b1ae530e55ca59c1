// SPDX-License-Identifier: Apache-2.0
/**
 * Type {@code fs_java}: objects as files, with the file I/O on Java threads.
 *
 * <p>The whole directory format without native code. {@link io.lmcache.l2.fs.nio.FsJavaStorage} is
 * the storage, one blocking call for each key, under the machinery that all adapters share.
 */
@NullMarked
package io.lmcache.l2.fs.nio;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lmcache fsck}: verifies the directory of a file adapter, and repairs it if asked to.
 *
 * <p>What a file is worth is decided by {@link io.lmcache.l2.fs.DirectoryCheck}; here it is only
 * asked for and told.
 */
@NullMarked
package io.lmcache.cli.fsck;

import org.jspecify.annotations.NullMarked;

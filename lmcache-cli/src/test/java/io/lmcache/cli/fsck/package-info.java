// SPDX-License-Identifier: Apache-2.0
/** Tests of {@code lmcache fsck}, on directories of sound and damaged objects. */
@NullMarked
package io.lmcache.cli.fsck;

import org.jspecify.annotations.NullMarked;

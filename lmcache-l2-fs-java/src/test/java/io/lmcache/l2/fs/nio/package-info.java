// SPDX-License-Identifier: Apache-2.0
/** Tests of the package. */
@NullMarked
package io.lmcache.l2.fs.nio;

import org.jspecify.annotations.NullMarked;

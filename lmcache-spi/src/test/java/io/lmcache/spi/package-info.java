// SPDX-License-Identifier: Apache-2.0
/** The rules that the values of the interface keep by themselves. */
@NullMarked
package io.lmcache.spi;

import org.jspecify.annotations.NullMarked;

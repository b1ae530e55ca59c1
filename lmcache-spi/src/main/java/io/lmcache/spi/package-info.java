// SPDX-License-Identifier: Apache-2.0
/**
 * The service provider interface of LMCache's second tier (L2): what a storage adapter implements
 * and what its callers see.
 *
 * <p>An adapter author starts at {@link io.lmcache.spi.L2AdapterFactory}; a caller starts at {@link
 * io.lmcache.spi.L2Adapter}. The package holds interfaces and immutable values only, depends on the
 * JDK alone (JSpecify annotations apart) and does no I/O.
 */
@NullMarked
package io.lmcache.spi;

import org.jspecify.annotations.NullMarked;

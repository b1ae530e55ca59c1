// SPDX-License-Identifier: Apache-2.0
/**
 * What every L2 adapter needs and nobody should write twice: pins and leases, accounting, the order
 * of operations per key, the dispatch of events.
 *
 * <p>Each class does one of these, without I/O and without threads of its own, and can be used
 * alone.
 */
@NullMarked
package io.lmcache.adapter;

import org.jspecify.annotations.NullMarked;

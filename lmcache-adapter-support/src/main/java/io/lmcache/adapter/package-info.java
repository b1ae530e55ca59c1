// SPDX-License-Identifier: Apache-2.0
/**
 * What every L2 adapter needs and nobody should write twice.
 *
 * <p>An adapter author who has blocking calls implements {@link
 * io.lmcache.adapter.BlockingStorage}, and {@link io.lmcache.adapter.BlockingL2Adapter} makes a
 * full adapter of it. One whose storage brings workers of its own implements {@link
 * io.lmcache.adapter.Backend} and extends {@link io.lmcache.adapter.BackendL2Adapter}. The parts
 * can be used alone, and do no I/O: pins and leases, accounting, the order of operations per key,
 * the dispatch of events.
 */
@NullMarked
package io.lmcache.adapter;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import java.util.BitSet;

/**
 * Items of a batch of stores that found no room, at their first try.
 *
 * @param batch the batch, whose other items have ended
 * @param items which of its items
 * @param bytes what they need, at least a byte for each
 */
record StoresWithoutRoom<N>(Batch<N> batch, BitSet items, long bytes) {}

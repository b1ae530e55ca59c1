// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import java.util.BitSet;

/**
 * Items of a batch of stores that found no room, at their first try.
 *
 * @param batch the batch, whose other items have ended
 * @param items which of its items
 * @param bytes what to ask for
 */
record StoresWithoutRoom<N>(Batch<N> batch, BitSet items, long bytes) {

  private static final int PAGE = 4096;

  /**
   * What an object takes of a storage that is full to the last block: more than its bytes, as whole
   * blocks, a name and a map of its blocks. On ext4 an object does not always fit where one of the
   * same size was.
   */
  static long roomFor(long sizeBytes) {
    return sizeBytes + sizeBytes / 8 + PAGE;
  }
}

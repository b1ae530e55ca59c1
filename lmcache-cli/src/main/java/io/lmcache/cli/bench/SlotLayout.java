// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.AdapterLimits;

/**
 * How the objects of a run lie in memory: each in a slot of its own, padded as the adapter wishes,
 * so that it can go past the page cache whatever its size.
 *
 * @param objectBytes the size of every object
 * @param unit what addresses and lengths of slots are multiples of; a power of two
 */
record SlotLayout(int objectBytes, int unit) {

  /** What the addresses and lengths of all slots are multiples of, whatever the adapter wishes. */
  static final int PAGE = 4096;

  /** Slots as long as this, or longer, begin on a multiple of it: on a huge page. */
  static final int HUGE_PAGE = 2 << 20;

  /** What is known before an adapter was asked. */
  static SlotLayout of(int objectBytes) {
    return new SlotLayout(objectBytes, PAGE);
  }

  /** As an adapter wishes it; wishes beyond a huge page are not met. */
  static SlotLayout of(int objectBytes, AdapterLimits limits) {
    int wish = Math.max(limits.memoryAlignment(), limits.lengthAlignment());
    return new SlotLayout(objectBytes, Math.min(HUGE_PAGE, Math.max(PAGE, wish)));
  }

  /** The largest object whose slot is no longer than a buffer can be. */
  int mostObjectBytes() {
    return Integer.MAX_VALUE / unit * unit;
  }

  /** The length of one slot: the object and its padding. */
  int slotBytes() {
    return Math.toIntExact(roundedUp(objectBytes, unit));
  }

  /** From the beginning of one slot to that of the next. */
  long strideBytes() {
    return slotBytes() < HUGE_PAGE ? slotBytes() : roundedUp(slotBytes(), HUGE_PAGE);
  }

  private static long roundedUp(long bytes, long multiple) {
    return (bytes + multiple - 1) & -multiple;
  }
}

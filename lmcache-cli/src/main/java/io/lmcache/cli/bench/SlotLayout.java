// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.AdapterLimits;

/**
 * How the objects of a run lie in memory: each in a slot of its own, aligned and padded as the plan
 * says, or else as the adapter wishes, so that it can go past the page cache whatever its size.
 *
 * @param objectBytes the size of every object
 * @param unit what addresses and lengths of slots are multiples of; a power of two
 */
record SlotLayout(int objectBytes, int unit) {

  /** What addresses and lengths of slots are multiples of at least, unless the plan says less. */
  static final int PAGE = 4096;

  /** Slots as long as this, or longer, begin on a multiple of it: on a huge page. */
  static final int HUGE_PAGE = 2 << 20;

  /** What is known before an adapter was asked. */
  static SlotLayout of(BenchPlan plan) {
    return new SlotLayout(plan.objectBytes(), plan.l1AlignBytes().orElse(PAGE));
  }

  /** As an adapter wishes it, unless the plan says. */
  static SlotLayout of(BenchPlan plan, AdapterLimits limits) {
    int wish = Math.max(limits.memoryAlignment(), limits.lengthAlignment());
    return new SlotLayout(plan.objectBytes(), plan.l1AlignBytes().orElse(Math.max(PAGE, wish)));
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

  /** The memory that slots take, with what it may take to begin on a multiple of the unit. */
  long bytes(int slots) {
    return slots * strideBytes() + Math.max(0, unit - HUGE_PAGE);
  }

  private static long roundedUp(long bytes, long multiple) {
    return (bytes + multiple - 1) & -multiple;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.AdapterLimits;
import java.util.OptionalInt;

/**
 * How the objects of a run lie in memory: each in a slot of its own, aligned and padded as the plan
 * says, or else as the adapter wishes, so that it can go past the page cache whatever its size.
 *
 * @param objectBytes the size of every object
 * @param unit what addresses and lengths of slots are multiples of; a power of two
 * @param noBetter whether addresses of slots below a huge page must not be multiples of more, by
 *     which some would go direct that a server's do not
 */
record SlotLayout(int objectBytes, int unit, boolean noBetter) {

  /** What addresses and lengths of slots are multiples of at least, unless the plan says less. */
  static final int PAGE = 4096;

  /** Slots as long as this, or longer, begin on a multiple of it: on a huge page. */
  static final int HUGE_PAGE = 2 << 20;

  /** What is known before an adapter was asked. */
  static SlotLayout of(BenchPlan plan) {
    return of(plan, PAGE);
  }

  /** As an adapter wishes it, unless the plan says. */
  static SlotLayout of(BenchPlan plan, AdapterLimits limits) {
    int wish = Math.max(limits.memoryAlignment(), limits.lengthAlignment());
    return of(plan, Math.max(PAGE, wish));
  }

  private static SlotLayout of(BenchPlan plan, int wish) {
    OptionalInt told = plan.l1AlignBytes();
    return new SlotLayout(plan.objectBytes(), told.orElse(wish), told.isPresent());
  }

  /** The largest object whose slot is no longer than a buffer can be. */
  int mostObjectBytes() {
    return Integer.MAX_VALUE / unit * unit;
  }

  /** The length of one slot: the object and its padding. */
  int slotBytes() {
    return Math.toIntExact(roundedUp(objectBytes, unit));
  }

  /** From the beginning of one slot to that of the next, where they begin on huge pages. */
  long strideBytes() {
    return slotBytes() < HUGE_PAGE ? spacingBytes() : roundedUp(slotBytes(), HUGE_PAGE);
  }

  /** The same where they do not. */
  int spacingBytes() {
    return isOdd() ? Math.toIntExact(roundedUp(slotBytes(), 2L * unit)) : slotBytes();
  }

  /** How far behind a multiple of {@link #alignment} the first slot begins. */
  int firstByte() {
    return isOdd() ? unit : 0;
  }

  /** What the place of the slots must begin on a multiple of. */
  int alignment() {
    return isOdd() ? 2 * unit : unit;
  }

  private boolean isOdd() {
    return noBetter && slotBytes() < HUGE_PAGE;
  }

  /** The memory that slots take, with what it may take to begin on a multiple of the unit. */
  long bytes(int slots) {
    return firstByte() + slots * strideBytes() + Math.max(0, unit - HUGE_PAGE);
  }

  private static long roundedUp(long bytes, long multiple) {
    return (bytes + multiple - 1) & -multiple;
  }
}

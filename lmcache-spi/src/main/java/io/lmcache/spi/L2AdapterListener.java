// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.time.Instant;
import java.util.List;

/**
 * Hears what becomes of an adapter's objects; the eviction policy and the metrics live on it.
 *
 * <p>Calls come one at a time and in order, from one dispatcher per adapter, after the stage of the
 * request has completed and after {@link L2Adapter#usage()} shows the change. Each key is named
 * once per event. {@link #accessed} may be dropped under backlog, and is then counted in the
 * adapter's status; the others never are. A listener that throws or takes its time disturbs neither
 * requests nor other listeners; what it throws is logged. Lists in a call are of equal length and
 * immutable.
 */
public interface L2AdapterListener {

  /** Hears nothing. */
  L2AdapterListener NONE = new L2AdapterListener() {};

  /** Objects were written and published. Sizes are in bytes. */
  default void stored(List<ObjectKey> keys, List<Long> sizes) {}

  /**
   * Objects were found that this adapter did not store: those of an earlier run, oldest first, when
   * it opens, and later those that somebody else put there, when it meets them. {@code
   * lastModified} says how old they are; for one met later it is the time of the meeting.
   */
  default void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {}

  /** Objects were loaded: their bytes arrived. */
  default void accessed(List<ObjectKey> keys) {}

  /** Objects are gone. */
  default void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {}

  /**
   * The adapter is doing worse than before, or well again. Comes after the stage of the request
   * that showed it, and says what {@link AdapterStatus} says by then; what changed and changed back
   * before this could be told is not told. It is OK at first, and its end is not told.
   *
   * @param reason one line why, if it is not OK; empty otherwise
   */
  default void healthChanged(Health health, String reason) {}
}

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
   * Objects of an earlier run were found, oldest first; all of them count as older than any object
   * of a {@link #stored} event.
   */
  default void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {}

  /** Objects were loaded: their bytes arrived. */
  default void accessed(List<ObjectKey> keys) {}

  /** Objects are gone. */
  default void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {}
}

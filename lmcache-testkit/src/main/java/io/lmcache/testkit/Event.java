// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One key of one event that a listener heard.
 *
 * @param kind what happened
 * @param key to which object
 * @param sizeBytes its size; -1 for {@code ACCESSED}
 * @param reason why it was removed; null unless it was
 * @param lastModified how old a recovered object is; null unless it is one
 * @param usage what the adapter said of its usage while the event was delivered; null before it was
 *     open
 */
record Event(
    Kind kind,
    ObjectKey key,
    long sizeBytes,
    @Nullable RemovalReason reason,
    @Nullable Instant lastModified,
    @Nullable AdapterUsage usage) {

  enum Kind {
    STORED,
    RECOVERED,
    ACCESSED,
    REMOVED
  }

  /** In short, such as {@code REMOVED(DELETED) 512}. */
  String summary() {
    return kind
        + (reason == null ? "" : "(" + reason + ")")
        + (sizeBytes < 0 ? "" : " " + sizeBytes);
  }

  @Override
  public String toString() {
    return summary() + " of " + key;
  }
}

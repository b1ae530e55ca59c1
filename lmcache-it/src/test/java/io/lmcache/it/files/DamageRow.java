// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import io.lmcache.spi.LoadOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What docs/directory-format.md says a load makes of a file, line by line. Written from the
 * document, not from an adapter.
 */
enum DamageRow {
  NOTHING(LoadOutcome.NOT_FOUND, null, false),
  WHOLE(LoadOutcome.LOADED, null, true),
  CORRUPT(LoadOutcome.CORRUPT, "corrupt", false),
  ANOTHER_LENGTH(LoadOutcome.SIZE_MISMATCH, "size_mismatch", true),
  NEWER(LoadOutcome.NOT_FOUND, "foreign", true),
  UNVERIFIED(LoadOutcome.LOADED, "unverified", true),
  EMPTY(LoadOutcome.NOT_FOUND, "empty", false),
  NO_FILE(LoadOutcome.NOT_FOUND, "foreign", true);

  private final LoadOutcome outcome;
  private final @Nullable String counter;
  private final boolean kept;

  DamageRow(LoadOutcome outcome, @Nullable String counter, boolean kept) {
    this.outcome = outcome;
    this.counter = counter;
    this.kept = kept;
  }

  LoadOutcome outcome() {
    return outcome;
  }

  /** The counter that goes up by one, if any does. */
  @Nullable String counter() {
    return counter;
  }

  /** Whether what is there stays as it is; otherwise it is gone after the load. */
  boolean kept() {
    return kept;
  }

  /** Whether a store must fail and leave it. */
  boolean isForeign() {
    return this == NEWER || this == NO_FILE;
  }

  /** Whether the object is no longer there after the load. */
  boolean endsObject() {
    return outcome == LoadOutcome.CORRUPT || outcome == LoadOutcome.NOT_FOUND;
  }
}

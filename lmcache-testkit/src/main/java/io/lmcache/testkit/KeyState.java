// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What the contract says of one key at one moment.
 *
 * @param version which object is there; {@link #NONE} if there is none
 * @param size its size in bytes; {@link #NONE} if there is none
 * @param pins how often it is pinned
 */
record KeyState(int version, int size, int pins) {

  /** No version, and no size. */
  static final int NONE = -1;

  /** No object, no pin. */
  static final KeyState ABSENT = new KeyState(NONE, NONE, 0);

  /** What was done with a key, and what the adapter answered. */
  sealed interface Seen permits Stored, LookedUp, LetGo, Loaded, Deleted, Declined {}

  /** A store. An object of 0 bytes is version 0 whatever was stored, as it has no bytes to tell. */
  record Stored(StoreMode mode, int version, int size, StoreOutcome outcome) implements Seen {}

  /** A lookup; a hit is pinned if pins were asked for. */
  record LookedUp(boolean pin, boolean hit, long size, boolean exact) implements Seen {}

  /** A lease let go of one pin. */
  record LetGo() implements Seen {}

  /** A load into so many bytes; the version that came, {@link #NONE} if none or no whole one. */
  record Loaded(int size, LoadOutcome outcome, int version) implements Seen {}

  /** A delete. */
  record Deleted(DeleteOutcome outcome) implements Seen {}

  /** What the adapter declines to do. */
  record Declined(String operation) implements Seen {}

  boolean present() {
    return version != NONE;
  }

  /** The state after it, or null if in this state there cannot be such an answer. */
  @Nullable KeyState after(Seen seen) {
    if (seen instanceof Stored store) {
      return afterStore(store);
    } else if (seen instanceof LookedUp lookup) {
      return afterLookup(lookup);
    } else if (seen instanceof LetGo) {
      return pins == 0 ? null : new KeyState(version, size, pins - 1);
    } else if (seen instanceof Loaded load) {
      return afterLoad(load);
    } else if (seen instanceof Deleted delete) {
      return afterDelete(delete);
    }
    return this;
  }

  private @Nullable KeyState afterStore(Stored store) {
    boolean leftAlone = store.mode == StoreMode.IF_ABSENT && present() && size == store.size;
    return switch (store.outcome) {
      case STORED -> leftAlone ? null : new KeyState(store.version, store.size, pins);
      case ALREADY_PRESENT -> leftAlone ? this : null;
      case FAILED -> null;
    };
  }

  private @Nullable KeyState afterLookup(LookedUp lookup) {
    if (lookup.hit != present()) {
      return null;
    }
    if (lookup.hit && (lookup.exact ? lookup.size != size : lookup.size < size)) {
      return null;
    }
    return lookup.hit && lookup.pin ? new KeyState(version, size, pins + 1) : this;
  }

  private @Nullable KeyState afterLoad(Loaded load) {
    boolean right =
        switch (load.outcome) {
          case LOADED -> present() && load.size == size && load.version == version;
          case NOT_FOUND -> !present();
          case SIZE_MISMATCH -> present() && load.size != size;
          case CORRUPT, FAILED -> false;
        };
    return right ? this : null;
  }

  private @Nullable KeyState afterDelete(Deleted delete) {
    return switch (delete.outcome) {
      case DELETED -> present() && pins == 0 ? ABSENT : null;
      case ABSENT -> present() ? null : this;
      case PINNED -> present() && pins > 0 ? this : null;
      case FAILED -> null;
    };
  }

  @Override
  public String toString() {
    return present()
        ? "version " + version + " of " + size + " bytes, pinned " + pins + " times"
        : "absent";
  }
}

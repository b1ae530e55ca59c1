// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Extent;
import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers lookups of an exclusive storage from the index, on the submitting thread and without
 * taking part in the order of requests.
 *
 * <p>It may, because an entry is a hit from the completion of its store to the beginning of its
 * delete. A pin and a delete of one key cannot miss each other: the delete first marks the entry
 * and then looks for pins, this first pins and then looks for the mark. Whatever is not plain — a
 * key that is being deleted, a miss before recovery is complete, a deadline that has passed — goes
 * the long way, as a {@link LookupTask}. While a scan is under way, an entry may appear after a
 * delete has looked for one to mark; so until recovery is complete the gate is asked too.
 */
final class IndexLookup {

  private final Backend<?> backend;
  private final ObjectIndex index;
  private final PinTable pins;
  private final KeyGate<?> gate;
  private final CloseState state;
  private final Clock clock;
  private final Consumer<L2Error> refused;
  private final IntConsumer answered;
  private final int mostKeys;

  /**
   * Over one index.
   *
   * @param refused is told of each key that can never be there
   * @param answered is told of how many others were answered, hits and misses
   */
  IndexLookup(
      Backend<?> backend,
      ObjectIndex index,
      PinTable pins,
      KeyGate<?> gate,
      CloseState state,
      Clock clock,
      Consumer<L2Error> refused,
      IntConsumer answered) {
    this.backend = backend;
    this.index = index;
    this.pins = pins;
    this.gate = gate;
    this.state = state;
    this.clock = clock;
    this.refused = refused;
    this.answered = answered;
    this.mostKeys = backend.limits().maxKeysPerRequest();
  }

  /** The answer, or null if the index does not have it. */
  @Nullable LookupLease answer(LookupRequest request) {
    List<ObjectKey> keys = request.keys();
    Instant now = clock.instant();
    Instant deadline = request.options().deadline();
    if (keys.size() > mostKeys
        || !state.isOpen()
        || (deadline != null && !now.isBefore(deadline))) {
      return null;
    }
    if (gate.hasAny(KeyGate.Mode.STORE, keys)) {
      return null; // A load may have seen already what the index is about to learn.
    }
    boolean missesAreSure = index.complete();
    boolean prefix = Objects.requireNonNull(request.extent(), "extent") == Extent.PREFIX;
    @Nullable Hit[] hits = new Hit[keys.size()];
    @Nullable L2Error[] errors = new L2Error[keys.size()];
    boolean ended = false;
    for (int i = 0; i < hits.length; i++) {
      ObjectKey key = keys.get(i);
      ObjectIndex.Entry entry = index.get(key);
      if (entry == null) {
        if (!missesAreSure) {
          return null;
        }
        errors[i] = unsupported(key);
        ended = prefix;
      } else if (!entry.isPresent()) {
        return null;
      } else if (!ended) {
        hits[i] = entry;
      }
    }
    LookupLease lease =
        pins.lease(keys, hits, errors, request.pin(), Thread.currentThread().getName(), now);
    if (request.pin() && (anyLeaving(hits) || (!missesAreSure && anyBeingDeleted(keys)))) {
      lease.close();
      return null;
    }
    count(errors);
    return lease;
  }

  private void count(@Nullable L2Error[] errors) {
    int others = 0;
    for (L2Error error : errors) {
      if (error == null) {
        others++;
      } else {
        refused.accept(error);
      }
    }
    answered.accept(others);
  }

  private static boolean anyLeaving(@Nullable Hit[] hits) {
    for (Hit hit : hits) {
      if (hit instanceof ObjectIndex.Entry entry && !entry.isPresent()) {
        return true;
      }
    }
    return false;
  }

  private boolean anyBeingDeleted(List<ObjectKey> keys) {
    for (ObjectKey key : keys) {
      if (gate.has(KeyGate.Mode.DELETE, key)) {
        return true;
      }
    }
    return false;
  }

  /** Why such a key can never be there, if so. */
  private @Nullable L2Error unsupported(ObjectKey key) {
    try {
      backend.name(key);
      return null;
    } catch (StorageException e) {
      return e.error();
    } catch (RuntimeException | Error e) {
      return StorageErrors.of("name", key, e);
    }
  }
}

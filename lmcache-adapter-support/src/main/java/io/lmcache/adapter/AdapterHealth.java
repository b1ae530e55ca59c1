// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.FailureCount;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2Error;
import java.util.List;

/**
 * How the adapter is doing, of all that is known: what its backend says, the failures of its keys,
 * the recovery. Tells the listener when that changes.
 *
 * <p><b>Threads.</b> Any. Changes are told one after the other, so the last one told is the state
 * that there is. The listener is not called under the lock. <b>Why it costs nothing:</b> {@link
 * #tellChanges} looks only after trouble, and until that is over.
 */
final class AdapterHealth {

  private final Backend<?> backend;
  private final Recovery recovery;
  private final EventDispatcher dispatcher;
  private final CloseState state;
  private final Failures failures = new Failures();
  private volatile boolean trouble;
  private volatile Health told = Health.OK;

  AdapterHealth(
      Backend<?> backend, Recovery recovery, EventDispatcher dispatcher, CloseState state) {
    this.backend = backend;
    this.recovery = recovery;
    this.dispatcher = dispatcher;
    this.state = state;
  }

  /** A key failed. */
  void failed(Operation operation, L2Error error) {
    failures.failed(operation, error);
    trouble = true;
  }

  /**
   * A key ended otherwise; what was not asked of the storage, or not done by it, proves nothing.
   */
  void ended(Operation operation, Outcome outcome) {
    switch (outcome) {
      case STORED, LOADED, DELETED, FOUND -> failures.succeeded(operation, 1);
      case NOT_FOUND -> {
        if (operation == Operation.LOOKUP) {
          failures.succeeded(operation, 1);
        }
      }
      case CORRUPT -> trouble = true;
      case ALREADY_PRESENT, SIZE_MISMATCH, ABSENT, DEADLINE, CLOSED -> {}
    }
  }

  /** Keys of a lookup were answered out of the index, which is as good as the storage for it. */
  void answered(int keys) {
    failures.succeeded(Operation.LOOKUP, keys);
  }

  /** How it is doing, while it is open. */
  Condition condition() {
    Condition condition = backend.condition();
    if (condition.health() == Health.OK) {
      condition = failures.condition();
    }
    return condition.health() == Health.OK ? recovery.condition() : condition;
  }

  List<FailureCount> failures() {
    return failures.counts();
  }

  /** Something happened that may have changed it. */
  void looksDifferent() {
    trouble = true;
    tellChanges();
  }

  /** Tells the listener, if it is doing worse or well again. Not to be called under a lock. */
  void tellChanges() {
    if (!trouble && told == Health.OK) {
      return;
    }
    EventDispatcher.Hold change = dispatcher.hold();
    synchronized (this) {
      trouble = false;
      if (!state.isOpen()) {
        return;
      }
      Condition now = condition();
      if (now.health() != told) {
        told = now.health();
        change.healthChanged(now.health(), now.reason());
      }
    }
    change.release();
  }
}

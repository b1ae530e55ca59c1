// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through the adapter.
 *
 * <p>Each key ends exactly once, by a result of the backend or by an error from here, on whichever
 * thread that happens; the last one to end makes the request complete. The counter orders what the
 * threads wrote before the completion that reads it.
 *
 * @param <R> what the stage completes with
 */
abstract class Request<R> {

  private final Operation operation;
  private final KeyGate.@Nullable Mode mode;
  private final List<ObjectKey> keys;
  private final Options options;
  private final AtomicInteger open;
  private final CompletableFuture<R> future = new CompletableFuture<>();
  private final Events events = new Events();
  private @Nullable R prepared;
  private @Nullable Throwable defect;
  private EventDispatcher.@Nullable Hold hold;

  Request(Operation operation, KeyGate.@Nullable Mode mode, List<ObjectKey> keys, Options options) {
    this.operation = operation;
    this.mode = mode;
    this.keys = keys;
    this.options = Objects.requireNonNull(options, "options");
    Objects.requireNonNull(options.priority(), "priority");
    this.open = new AtomicInteger(keys.size());
  }

  final Operation operation() {
    return operation;
  }

  /** How it shares its keys with others; null if it need not care. */
  final KeyGate.@Nullable Mode mode() {
    return mode;
  }

  final List<ObjectKey> keys() {
    return keys;
  }

  final ObjectKey key(int i) {
    return keys.get(i);
  }

  final Options options() {
    return options;
  }

  final Events events() {
    return events;
  }

  /**
   * Queues what its results have to tell, to be delivered after the stage. Called under the flow's
   * lock on effects.
   */
  final void queueEvents(EventDispatcher dispatcher, Instant now) {
    if (hold == null) {
      hold = dispatcher.hold();
    }
    events.moveTo(hold, now);
  }

  /** Counts so many keys as ended; true if they were the last. */
  final boolean end(int ended) {
    return open.addAndGet(-ended) == 0;
  }

  /** What the caller gets: it cannot be completed from outside. */
  final CompletionStage<R> stage() {
    return future.minimalCompletionStage();
  }

  /** Makes the result, and with it a lookup's pins, while the request still has its places. */
  final void prepare() {
    try {
      prepared = result();
    } catch (RuntimeException | Error e) {
      // A defect, or no memory left for the result; a caller must not wait for ever all the same.
      defect = e;
    }
  }

  /** Completes the stage, which runs what callers chained to it; then its events may go. */
  final void complete() {
    if (defect == null && prepared != null) {
      future.complete(prepared);
    } else {
      future.completeExceptionally(
          defect == null ? new IllegalStateException("completed before it was prepared") : defect);
    }
    if (hold != null) {
      hold.release();
    }
  }

  /** What the backend may decline of it, or null. */
  @Nullable Feature feature() {
    return null;
  }

  /** Whether a store writes over an object of the same size. */
  boolean replace() {
    return false;
  }

  /** Whether somebody asked for it; else what becomes of its keys is not counted. */
  boolean isAsked() {
    return true;
  }

  /** The buffers that are lent meanwhile, one for each key, or none. */
  List<MemoryObject> objects() {
    return List.of();
  }

  /** How many bytes to count as in flight. */
  long inFlightBytes() {
    return 0;
  }

  /** Called when the key's turn has come, before the backend sees it; true if the key ends here. */
  boolean endsEarly(int i) {
    return false;
  }

  /** A key ended in the backend, with an outcome that is no failure. */
  abstract void ended(int i, Outcome outcome, long bytes);

  /** A key ended with an error. */
  abstract void failed(int i, L2Error error);

  /** Every key has ended, the stage is not complete yet; called outside of any lock. */
  void settled() {}

  /** What to complete the stage with, once every key has ended. */
  abstract R result();
}

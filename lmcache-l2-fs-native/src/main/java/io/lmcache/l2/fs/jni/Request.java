// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.EventDispatcher;
import io.lmcache.adapter.KeyGate;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through the adapter.
 *
 * <p>Each key ends exactly once, by a native result or by an error from Java, on whichever thread
 * that happens; the last one to end makes the request complete. The counter orders what the threads
 * wrote before the completion that reads it.
 *
 * @param <R> what the stage completes with
 */
abstract class Request<R> {

  private final NativeOperation operation;
  private final KeyGate.@Nullable Mode mode;
  private final List<ObjectKey> keys;
  private final Options options;
  private final AtomicInteger open;
  private final CompletableFuture<R> future = new CompletableFuture<>();
  private final Events events = new Events();
  private EventDispatcher.@Nullable Hold hold;

  Request(
      NativeOperation operation,
      KeyGate.@Nullable Mode mode,
      List<ObjectKey> keys,
      Options options) {
    this.operation = operation;
    this.mode = mode;
    this.keys = keys;
    this.options = options;
    this.open = new AtomicInteger(keys.size());
  }

  final NativeOperation operation() {
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

  /** Queues what its results have to tell, to be delivered after the stage; the drain thread's. */
  final void queueEvents(EventDispatcher dispatcher, Instant now) {
    if (hold == null) {
      hold = dispatcher.hold();
    }
    events.moveTo(hold, now);
  }

  /** Counts one key as ended; true for the last. */
  final boolean endOne() {
    return open.decrementAndGet() == 0;
  }

  /** What the caller gets: it cannot be completed from outside. */
  final CompletionStage<R> stage() {
    return future.minimalCompletionStage();
  }

  /** Completes the stage, which runs what callers chained to it; then its events may go. */
  final void complete() {
    future.complete(result());
    if (hold != null) {
      hold.release();
    }
  }

  /** Whether a SET writes over an object of the same size. */
  boolean replace() {
    return false;
  }

  /** The buffers that are lent meanwhile, one for each key, or none. */
  List<MemoryObject> objects() {
    return List.of();
  }

  /** How many bytes to count as in flight. */
  long inFlightBytes() {
    return 0;
  }

  /** Called when the key's turn has come, before native code sees it; true if the key ends here. */
  boolean endsEarly(int i) {
    return false;
  }

  /** A key ended natively, with an outcome that is no failure. */
  abstract void ended(int i, NativeOutcome outcome, long bytes);

  /** A key ended with an error. */
  abstract void failed(int i, L2Error error);

  /** What to complete the stage with, once every key has ended. */
  abstract R result();
}

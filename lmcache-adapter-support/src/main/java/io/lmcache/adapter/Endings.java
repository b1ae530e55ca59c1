// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;

/**
 * Counts what became of keys, and queues what the listener has to hear of it.
 *
 * <p><b>Threads.</b> Any. One lock is held while a batch's effects are counted and its events
 * queued: of two batches that end at once on two workers, the one whose effects are counted first
 * is also heard of first. Nothing here throws.
 */
final class Endings {

  static final L2Error CLOSED = L2Error.closed("the adapter is closed");
  static final L2Error TOO_LATE = L2Error.deadline("the deadline passed before a worker began");

  private final EventDispatcher dispatcher;
  private final AdapterHealth health;
  private final Clock clock;
  private final Complaints complaints;
  private final ReentrantLock effects = new ReentrantLock();

  Endings(EventDispatcher dispatcher, AdapterHealth health, Clock clock, Complaints complaints) {
    this.dispatcher = dispatcher;
    this.health = health;
    this.clock = clock;
    this.complaints = complaints;
  }

  /** Items of a batch that has ended. */
  <N> void count(Batch<N> batch, IntPredicate which) {
    effects.lock();
    try {
      for (int k = 0; k < batch.size(); k++) {
        if (which.test(k)) {
          tell(batch, k);
        }
      }
      batch.request().queueEvents(dispatcher, clock.instant());
    } catch (Throwable e) {
      complaints.log("events of a request could not be queued", e);
    } finally {
      effects.unlock();
    }
  }

  private <N> void tell(Batch<N> batch, int k) {
    Request<?> request = batch.request();
    Object result = batch.result(k);
    try {
      if (result instanceof L2Error error) {
        fail(request, batch.index(k), error);
      } else if (result == Outcome.DEADLINE || result == Outcome.CLOSED) {
        fail(request, batch.index(k), result == Outcome.DEADLINE ? TOO_LATE : CLOSED);
      } else {
        request.ended(batch.index(k), (Outcome) result, batch.sizeBytes(k));
        judge(request, (Outcome) result);
      }
    } catch (Throwable e) {
      complaints.log("a result could not be handled", e);
      request.failed(batch.index(k), StorageErrors.of("end", batch.key(k), e));
    }
  }

  /** A key ends with an error. */
  void fail(Request<?> request, int i, L2Error error) {
    count(request, error);
    request.failed(i, error);
  }

  /** What cannot be counted, as without memory, has ended all the same. */
  private void judge(Request<?> request, Outcome outcome) {
    try {
      if (request.isAsked()) {
        health.ended(request.operation(), outcome);
      }
    } catch (Throwable e) {
      complaints.log("a result could not be counted", e);
    }
  }

  /** A key fails; what a closed adapter answers is no failure. */
  void count(Request<?> request, L2Error error) {
    try {
      if (error.code() != L2ErrorCode.CLOSED && request.isAsked()) {
        health.failed(request.operation(), error);
      }
    } catch (Throwable e) {
      complaints.log("a failure could not be counted", e);
    }
  }

  /** Does what changes the index and queues events, alone. */
  void alone(Runnable work) {
    effects.lock();
    try {
      work.run();
    } finally {
      effects.unlock();
    }
  }

  /** Tells the listener if health has changed; not to be called under a lock. */
  void tellHealth() {
    try {
      health.tellChanges();
    } catch (Throwable e) {
      complaints.log("the listener could not be told of the adapter's health", e);
    }
  }
}

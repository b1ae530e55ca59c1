// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.Retry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands keys whose turn it is to the backend, as one batch; those that it need not see end here.
 *
 * <p><b>Threads.</b> Any, where no abort comes between: {@link RequestFlow} sees to that. Nobody
 * waits here for anything.
 *
 * @param <N> how the backend calls a key
 */
final class Sender<N> {

  private static final L2Error REFUSED =
      L2Error.of(
          L2ErrorCode.UNAVAILABLE, Retry.LATER, "the storage's workers accepted no more work");
  private static final long NO_TIMEOUT = -1;

  private final RequestFlow<N> flow;
  private final Backend<N> backend;
  private final Refusals refusals;
  private final Endings endings;
  private final AdapterHealth health;
  private final Clock clock;
  private final Complaints complaints;

  /**
   * For one adapter.
   *
   * @param flow takes back the batches that are sent
   */
  Sender(
      RequestFlow<N> flow,
      Backend<N> backend,
      Refusals refusals,
      Endings endings,
      AdapterHealth health,
      Clock clock,
      Complaints complaints) {
    this.flow = flow;
    this.backend = backend;
    this.refusals = refusals;
    this.endings = endings;
    this.health = health;
    this.clock = clock;
    this.complaints = complaints;
  }

  /**
   * Sends the keys whose turn it is. Whatever goes wrong, each of them is sent or ended.
   *
   * @param closing whether none is to be sent any more
   * @return whether that ended the request's last key; then the caller settles it
   */
  boolean send(Request<?> request, List<Integer> turns, boolean closing) {
    Sending<N> sending = null;
    try {
      sending = new Sending<>(request, turns, endings);
      long timeout = timeoutNanos(request.options().deadline());
      L2Error refusal = closing ? Endings.CLOSED : timeout == 0 ? Endings.TOO_LATE : null;
      while (sending.hasNext()) {
        next(sending, refusal);
      }
      if (sending.isEmpty()) {
        return sending.ended();
      }
      return sendBatch(sending.batch(flow, timeout));
    } catch (Throwable e) {
      complaints.log("keys could not be sent", e);
      return sending == null ? Sending.failAll(endings, request, turns, e) : sending.failRest(e);
    }
  }

  /** Ends one key, or has it sent. */
  private void next(Sending<N> sending, @Nullable L2Error refusal) {
    Request<?> request = sending.request();
    int i = sending.index();
    L2Error error = refusal == null ? refusals.tooLarge(request, i) : refusal;
    N name = null;
    if (error == null) {
      try {
        name = backend.name(request.key(i));
      } catch (StorageException e) {
        error = e.error();
      } catch (Throwable e) {
        error = StorageErrors.of("name", request.key(i), e);
      }
    }
    if (name == null) {
      sending.fail(error == null ? REFUSED : error);
    } else if (request.endsEarly(i)) {
      if (request.operation() == Operation.LOOKUP) {
        health.answered(1);
      }
      sending.skip();
    } else {
      sending.take(name);
    }
  }

  /**
   * Hands a batch to the backend, or ends its items. Throws nothing.
   *
   * @return whether that ended the request's last key; then the caller settles it
   */
  boolean sendBatch(Batch<N> batch) {
    Throwable failure = null;
    try {
      if (backend.submit(batch)) {
        return false;
      }
    } catch (Throwable e) {
      // A backend that throws, as without memory, has accepted nothing.
      complaints.log("a batch could not be submitted", e);
      failure = e;
    }
    Request<?> request = batch.request();
    for (int k = 0; k < batch.size(); k++) {
      int i = batch.index(k);
      endings.fail(
          request,
          i,
          failure == null ? REFUSED : StorageErrors.of("submit", request.key(i), failure));
    }
    return request.end(batch.size());
  }

  /** Nanoseconds until the deadline, 0 if it has passed, {@link #NO_TIMEOUT} without one. */
  long timeoutNanos(@Nullable Instant deadline) {
    if (deadline == null) {
      return NO_TIMEOUT;
    }
    Duration left = Duration.between(clock.instant(), deadline);
    if (left.isNegative() || left.isZero()) {
      return 0;
    }
    return left.compareTo(Duration.ofDays(365)) > 0 ? NO_TIMEOUT : left.toNanos();
  }
}

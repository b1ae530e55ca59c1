// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The submits of one round: takes the time of each from its submit to its completion, and waits for
 * all of them whatever happens, because their buffers are lent until then.
 *
 * <p>One thread submits and waits. The times are taken by the completing threads, so that a slow
 * submitter does not make an adapter look slow.
 */
final class Burst<R> {

  /** One submit. Its fields are written before the latch opens and read after. */
  private static final class Flight<R> {
    private final CountDownLatch landed = new CountDownLatch(1);
    private final long began = System.nanoTime();
    private long ended;
    private @Nullable R answer;
    private @Nullable Throwable failure;

    private void land(@Nullable R result, @Nullable Throwable thrown) {
      ended = System.nanoTime();
      answer = result;
      failure = thrown;
      landed.countDown();
    }
  }

  private final List<Flight<R>> flights = new ArrayList<>();

  /** Submits; what it throws is the answer. */
  void submit(Supplier<? extends CompletionStage<R>> request) {
    Flight<R> flight = new Flight<>();
    flights.add(flight);
    try {
      request.get().whenComplete(flight::land);
    } catch (Throwable e) {
      // Whatever it is, also no memory: a flight that never lands would be waited for for ever.
      flight.land(null, e);
    }
  }

  /** Waits until the last one has completed. */
  void await() {
    boolean interrupted = false;
    for (Flight<R> flight : flights) {
      while (flight.landed.getCount() > 0) {
        try {
          flight.landed.await();
        } catch (InterruptedException e) {
          interrupted = true; // lent memory is no matter of patience
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  int submits() {
    return flights.size();
  }

  @Nullable R answer(int number) {
    return flights.get(number).answer;
  }

  /** Why there is no answer. */
  @Nullable Throwable failure(int number) {
    return flights.get(number).failure;
  }

  long[] latencies() {
    return flights.stream().mapToLong(flight -> flight.ended - flight.began).toArray();
  }

  /** From the first submit to the last completion. */
  long nanos() {
    if (flights.isEmpty()) {
      return 0;
    }
    long began = flights.get(0).began;
    return flights.stream().mapToLong(flight -> flight.ended - began).max().orElse(0);
  }
}

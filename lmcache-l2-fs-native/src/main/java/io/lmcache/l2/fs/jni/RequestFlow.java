// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.adapter.Accounting;
import io.lmcache.adapter.EventDispatcher;
import io.lmcache.adapter.KeyGate;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Retry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves requests from submit to completion, and closes.
 *
 * <p><b>The way.</b> A request takes its places in the {@link KeyGate}; the keys whose turn it is
 * go to the connector as one batch, later ones as their turns come. The drain thread takes results
 * off the connector; whoever ends a request's last key completes the stage, hands over the events,
 * gives up the places and sends the keys whose turn that makes it.
 *
 * <p><b>Threads.</b> Submitting threads, and one drain thread that blocks in native code. Callers'
 * continuations run on either, outside of any lock.
 *
 * <p><b>Why nothing is lost.</b> {@code sent} and the gate hold every request until it has ended,
 * and with it the buffers; the drain thread refers to both and lives until the connector has handed
 * over everything. So lent memory cannot be collected under a system call, also after a close that
 * did not wait for it.
 *
 * <p><b>Why it cannot hang.</b> A key waits only for requests that came before it, the connector
 * ends everything it accepted, and sending after an abort ends keys on the spot: intake, sending
 * and abort exclude each other by {@code turnstile}, under which nobody waits for anything.
 */
final class RequestFlow {

  private static final Logger log = LoggerFactory.getLogger(RequestFlow.class);
  private static final L2Error CLOSED = L2Error.closed("the adapter is closed");
  private static final L2Error TOO_LATE =
      L2Error.deadline("the deadline passed before a worker began");
  private static final long NO_TIMEOUT = -1;

  /** A batch in the connector: which keys of which request its items are. */
  private record Sent(Request<?> request, List<Integer> indices) {}

  private final NativeConnector connector;
  private final Accounting accounting;
  private final EventDispatcher dispatcher;
  private final Clock clock;
  private final L2AdapterContext context;
  private final KeyGate<Request<?>> gate = new KeyGate<>();
  private final Map<Long, Sent> sent = new ConcurrentHashMap<>();
  private final AtomicLong nextBatch = new AtomicLong();
  private final AtomicInteger loans = new AtomicInteger();
  private final CloseState state = new CloseState();
  private final ReentrantReadWriteLock turnstile = new ReentrantReadWriteLock();
  private final ListingThread listings;
  private final Thread drainThread;
  private volatile boolean aborting;

  /** Whether this thread runs continuations, inside of which nobody may wait for the close. */
  private final ThreadLocal<Boolean> settling = ThreadLocal.withInitial(() -> false);

  RequestFlow(
      NativeConnector connector,
      Accounting accounting,
      EventDispatcher dispatcher,
      L2AdapterContext context) {
    this.connector = connector;
    this.accounting = accounting;
    this.dispatcher = dispatcher;
    this.clock = context.clock();
    this.context = context;
    this.listings = new ListingThread(context.threads(), state);
    this.drainThread = context.threads().newThread(this::drain);
    drainThread.setName("lmc-drain");
  }

  void start() {
    drainThread.start();
  }

  boolean isOpen() {
    return state.isOpen();
  }

  int loans() {
    return loans.get();
  }

  <R> CompletionStage<R> submit(Request<R> request) {
    int keys = request.keys().size();
    if (keys > AdapterLimits.DEFAULT.maxKeysPerRequest()) {
      throw new IllegalArgumentException(
          "a request may have "
              + AdapterLimits.DEFAULT.maxKeysPerRequest()
              + " keys, this one has "
              + keys);
    }
    boolean ended;
    turnstile.readLock().lock();
    try {
      if (!state.begin(keys)) {
        IntStream.range(0, keys).forEach(i -> request.failed(i, CLOSED));
        request.complete();
        return request.stage();
      }
      loans.addAndGet(request.objects().size());
      accounting.reserve(request.inFlightBytes());
      KeyGate.Mode mode = request.mode();
      ended =
          send(
              request,
              mode == null
                  ? IntStream.range(0, keys).boxed().toList()
                  : gate.enter(request, request.keys(), mode));
    } finally {
      turnstile.readLock().unlock();
    }
    if (ended) {
      settle(request);
    }
    return request.stage();
  }

  CompletionStage<KeyPage> page(Callable<KeyPage> read) {
    turnstile.readLock().lock();
    try {
      return state.begin(1) ? listings.submit(read) : ListingThread.refused();
    } finally {
      turnstile.readLock().unlock();
    }
  }

  /**
   * Sends the keys whose turn it is. Called under the turnstile's read lock.
   *
   * @return whether that ended the request's last key; then the caller settles it
   */
  private boolean send(Request<?> request, List<Integer> turns) {
    boolean ended = false;
    long timeout = timeoutNanos(request.options().deadline());
    List<byte[]> names = new ArrayList<>(turns.size());
    List<MemoryObject> objects = new ArrayList<>(request.objects().isEmpty() ? 0 : turns.size());
    List<Integer> indices = new ArrayList<>(turns.size());
    for (int i : turns) {
      L2Error refusal = aborting ? CLOSED : timeout == 0 ? TOO_LATE : null;
      byte[] name = null;
      if (refusal == null) {
        try {
          name = connector.wireName(request.key(i));
        } catch (UnsupportedKeyException e) {
          refusal =
              L2Error.of(L2ErrorCode.UNSUPPORTED_KEY, Retry.NEVER, String.valueOf(e.getMessage()));
        }
      }
      if (name == null) {
        request.failed(i, refusal == null ? CLOSED : refusal);
        ended |= request.endOne();
      } else if (request.endsEarly(i)) {
        ended |= request.endOne();
      } else {
        indices.add(i);
        names.add(name);
        if (!request.objects().isEmpty()) {
          objects.add(request.objects().get(i));
        }
      }
    }
    return names.isEmpty() ? ended : sendBatch(request, indices, timeout, names, objects);
  }

  private boolean sendBatch(
      Request<?> request,
      List<Integer> indices,
      long timeout,
      List<byte[]> names,
      List<MemoryObject> objects) {
    long id = nextBatch.incrementAndGet();
    sent.put(id, new Sent(request, indices));
    NativeBatch batch =
        new NativeBatch(
            id,
            request.operation(),
            request.replace(),
            request.options().priority(),
            timeout,
            names,
            objects);
    if (accepts(batch)) {
      return false;
    }
    sent.remove(id);
    boolean ended = false;
    for (int i : indices) {
      request.failed(
          i,
          L2Error.of(L2ErrorCode.UNAVAILABLE, Retry.LATER, "the native client refused the batch"));
      ended |= request.endOne();
    }
    return ended;
  }

  /** A connector that throws, as without memory, has accepted nothing. */
  private boolean accepts(NativeBatch batch) {
    try {
      return connector.submit(batch);
    } catch (RuntimeException | Error e) {
      log.error("{}: a batch could not be submitted", context.name(), e);
      return false;
    }
  }

  /** Nanoseconds until the deadline, 0 if it has passed, {@link #NO_TIMEOUT} without one. */
  private long timeoutNanos(@Nullable Instant deadline) {
    if (deadline == null) {
      return NO_TIMEOUT;
    }
    Duration left = Duration.between(clock.instant(), deadline);
    if (left.isNegative() || left.isZero()) {
      return 0;
    }
    return left.compareTo(Duration.ofDays(365)) > 0 ? NO_TIMEOUT : left.toNanos();
  }

  /** Completes a request whose keys have all ended, and those that end because of it. */
  private void settle(Request<?> first) {
    boolean nested = settling.get();
    settling.set(true);
    try {
      settleAll(first);
    } finally {
      settling.set(nested);
    }
  }

  private void settleAll(Request<?> first) {
    ArrayDeque<Request<?>> ended = new ArrayDeque<>();
    ended.add(first);
    for (Request<?> request = ended.poll(); request != null; request = ended.poll()) {
      accounting.unreserve(request.inFlightBytes());
      loans.addAndGet(-request.objects().size());
      state.settling(request.keys().size());
      request.complete();
      if (request.mode() != null) {
        passOn(request, ended);
      }
      state.settled(request.keys().size());
    }
  }

  private void passOn(Request<?> request, ArrayDeque<Request<?>> ended) {
    turnstile.readLock().lock();
    try {
      Map<Request<?>, List<Integer>> next = new LinkedHashMap<>();
      for (KeyGate.Turn<Request<?>> turn : gate.leave(request, request.keys())) {
        next.computeIfAbsent(turn.request(), r -> new ArrayList<>()).add(turn.index());
      }
      next.forEach(
          (waiting, turns) -> {
            if (send(waiting, turns)) {
              ended.add(waiting);
            }
          });
    } finally {
      turnstile.readLock().unlock();
    }
  }

  private void drain() {
    boolean more = true;
    while (more) {
      try {
        more = connector.drain(this::completed);
      } catch (RuntimeException | Error e) {
        log.error("{}: a completion could not be handled", context.name(), e);
      }
    }
    connector.destroy();
  }

  private void completed(long batch, long[] words, int offset, int items) {
    Sent done = sent.remove(batch);
    if (done == null || done.indices().size() != items) {
      log.error("{}: results for an unknown batch {} of {} items", context.name(), batch, items);
      return;
    }
    Request<?> request = done.request();
    for (int k = 0; k < items; k++) {
      end(request, done.indices().get(k), words[offset + 2 * k], words[offset + 2 * k + 1]);
    }
    request.queueEvents(dispatcher, clock.instant());
    boolean ended = false;
    for (int k = 0; k < items; k++) {
      ended |= request.endOne();
    }
    if (ended) {
      settle(request);
    }
  }

  private void end(Request<?> request, int i, long word, long bytes) {
    try {
      tell(request, i, word, bytes);
    } catch (RuntimeException | Error e) {
      log.error("{}: a result could not be handled: {}", context.name(), request.key(i), e);
      request.failed(i, L2Error.of(L2ErrorCode.INTERNAL, Retry.NEVER, e.toString()));
    }
  }

  private void tell(Request<?> request, int i, long word, long bytes) {
    NativeOutcome outcome = NativeResult.outcome(word);
    switch (outcome) {
      case FAILED, PENDING ->
          request.failed(
              i,
              connector.describe(
                  request.operation(),
                  request.key(i),
                  NativeResult.step(word),
                  NativeResult.errno(word)));
      case DEADLINE -> request.failed(i, TOO_LATE);
      case CLOSED -> request.failed(i, CLOSED);
      default -> request.ended(i, outcome, bytes);
    }
  }

  CloseReport close(Duration bound) {
    boolean first;
    turnstile.writeLock().lock();
    try {
      first = state.stopIntake();
    } finally {
      turnstile.writeLock().unlock();
    }
    if (settling.get() || listings.isCurrentThread()) {
      // What a close waits for may need this very thread.
      if (first) {
        Thread closer = context.threads().newThread(() -> closeFirst(bound));
        closer.setName("lmc-close");
        closer.start();
      }
      return new CloseReport(0, 0, state.underWay());
    }
    return first ? closeFirst(bound) : state.awaitReport(bound);
  }

  private CloseReport closeFirst(Duration bound) {
    long end = System.nanoTime() + CloseState.nanos(bound);
    int underWay = state.underWay();
    int failed = 0;
    int inKernel = 0;
    boolean drained = state.awaitIdle(end);
    if (!drained) {
      failed = abort();
      inKernel = connector.running() + listings.running();
    }
    connector.stop();
    listings.stop();
    if (drained) {
      CloseState.join(drainThread, end);
      listings.join(end);
    } else if (inKernel > 0) {
      log.warn(
          "{}: closed with {} keys still inside a system call; their buffers stay lent",
          context.name(),
          inKernel);
    }
    CloseReport report =
        new CloseReport(Math.max(0, underWay - failed - inKernel), failed, inKernel);
    state.closed(report);
    return report;
  }

  /** Ends every key that no worker has begun; says how many those were. */
  private int abort() {
    List<KeyGate.Turn<Request<?>>> waiting;
    int queued;
    turnstile.writeLock().lock();
    try {
      aborting = true;
      waiting = gate.cancelWaiting();
      queued = connector.cancelQueued();
    } finally {
      turnstile.writeLock().unlock();
    }
    for (KeyGate.Turn<Request<?>> turn : waiting) {
      turn.request().failed(turn.index(), CLOSED);
      if (turn.request().endOne()) {
        settle(turn.request());
      }
    }
    return waiting.size() + queued + listings.cancelQueued();
  }
}

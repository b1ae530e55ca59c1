// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.MemoryObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Moves requests from submit to completion.
 *
 * <p><b>The way.</b> A request takes its places in the {@link KeyGate}; the keys whose turn it is
 * go to the backend as one batch, later ones as their turns come. Whoever ends a batch's last item
 * counts its effects and queues its events; whoever ends a request's last key gives up the places,
 * sends the keys whose turn that makes it, completes the stage and lets the events go.
 *
 * <p><b>Threads.</b> Submitting threads and those of the backend. Callers' continuations run on
 * either, outside of any lock.
 *
 * <p><b>Why nothing is lost.</b> The backend holds every batch that it accepted, and the gate every
 * key that waits, until it has ended, and with it the request and its buffers. So lent memory
 * cannot be collected under a storage call, also after a close that did not wait for it.
 *
 * <p><b>Why it cannot hang.</b> A key waits only for requests that came before it, a store that
 * found no room for its owner's answer or the close, the backend ends everything it accepted, and
 * sending after an abort ends keys on the spot: intake, sending and abort exclude each other by
 * {@code turnstile}, under which nobody waits for anything.
 *
 * @param <N> how the backend calls a key
 */
final class RequestFlow<N> {

  private final Backend<N> backend;
  private final Refusals refusals;
  private final Accounting accounting;
  private final String name;
  private final KeyGate<Request<?>> gate;
  private final AtomicInteger loans = new AtomicInteger();
  private final CloseState state;
  private final Continuations continuations;
  private final ListingThread listings;
  private final ReentrantReadWriteLock turnstile = new ReentrantReadWriteLock();
  private final Complaints complaints;
  private final Endings endings;
  private final Sender<N> sender;
  private final RoomSeeker<N> room;
  private volatile boolean aborting;

  RequestFlow(
      Backend<N> backend,
      KeyGate<Request<?>> gate,
      Accounting accounting,
      EventDispatcher dispatcher,
      L2AdapterContext context,
      CloseState state,
      Continuations continuations,
      ListingThread listings,
      AdapterHealth health) {
    this.backend = backend;
    this.refusals = new Refusals(backend.limits(), context.name());
    this.gate = gate;
    this.accounting = accounting;
    this.name = context.name();
    this.state = state;
    this.continuations = continuations;
    this.listings = listings;
    this.complaints = new Complaints(name);
    this.endings = new Endings(dispatcher, health, context.clock(), complaints);
    this.room = new RoomSeeker<>(context);
    this.sender =
        new Sender<>(this, backend, refusals, endings, health, context.clock(), complaints);
  }

  /**
   * Whether there is too much: more than there should be, or more than the storage has room for.
   */
  boolean deletesFirst() {
    return room.isWaiting() || accounting.overWatermark();
  }

  void addTo(Map<String, String> details) {
    room.addTo(details);
  }

  int loans() {
    return loans.get();
  }

  <R> CompletionStage<R> submit(Request<R> request) {
    int keys = request.keys().size();
    refusals.requireNotTooMany(keys);
    request.objects().forEach(MemoryObject::requireLendable);
    boolean ended;
    turnstile.readLock().lock();
    try {
      Feature feature = request.feature();
      L2Error declined = feature == null ? null : refusals.declined(feature);
      if (declined != null && state.isOpen()) {
        request.keys().forEach(key -> endings.count(request, declined));
        return Refusals.refuse(request, declined);
      }
      if (!state.begin(keys)) {
        return Refusals.refuse(request, Endings.CLOSED);
      }
      loans.addAndGet(request.objects().size());
      accounting.reserve(request.inFlightBytes());
      ended = enter(request);
    } finally {
      turnstile.readLock().unlock();
    }
    if (ended) {
      settle(request);
    }
    if (room.isWaiting() && mayMakeRoom(request)) {
      giveWay(() -> List.of(request));
    }
    return request.stage();
  }

  /** Whether an owner may need it before it can answer: deletes, and lookups before those. */
  private static boolean mayMakeRoom(Request<?> request) {
    return request.isAsked()
        && (request.operation() == Operation.DELETE || request.operation() == Operation.LOOKUP);
  }

  /**
   * Takes the places and sends the keys whose turn it is.
   *
   * @return whether that ended the request's last key; then the caller settles it
   */
  private boolean enter(Request<?> request) {
    int keys = request.keys().size();
    KeyGate.Mode mode = request.mode();
    List<Integer> turns;
    try {
      turns =
          mode == null
              ? IntStream.range(0, keys).boxed().toList()
              : gate.enter(request, request.keys(), mode);
    } catch (Throwable e) {
      complaints.log("a request could not take its places", e);
      for (int i = 0; i < keys; i++) {
        Sending.fail(endings, request, i, e);
      }
      return request.end(keys);
    }
    return sender.send(request, turns, aborting);
  }

  CompletionStage<KeyPage> page(Callable<KeyPage> read) {
    turnstile.readLock().lock();
    try {
      return state.begin(1) ? listings.submit(read) : ListingThread.refused(Endings.CLOSED);
    } finally {
      turnstile.readLock().unlock();
    }
  }

  /** The page that declines a listing, or null if listings are done. */
  @Nullable CompletionStage<KeyPage> declinedPage() {
    L2Error declined = refusals.declined(Feature.LIST);
    return declined == null
        ? null
        : ListingThread.refused(state.isOpen() ? declined : Endings.CLOSED);
  }

  /** Takes back a batch whose items have all ended. */
  void completed(Batch<N> batch) {
    StoresWithoutRoom<N> withoutRoom = withoutRoom(batch);
    if (withoutRoom == null) {
      end(batch, k -> true, batch.size());
      return;
    }
    BitSet again = withoutRoom.items();
    int others = batch.size() - again.cardinality();
    if (others > 0) {
      // Else the request may have ended by now, with those that wait.
      end(batch, k -> !again.get(k), others);
    }
    giveWay(() -> gate.waiting(RequestFlow::mayMakeRoom));
    room.ask(withoutRoom, freed -> answered(withoutRoom, freed));
  }

  /**
   * Stores that wait for room end as they are if a delete or a lookup waits for them: it may be the
   * one by which room is made, and then both would wait for ever. A request that comes looks for
   * stores that wait, and a store that begins to wait for requests, so one of them sees the other.
   * Throws nothing.
   */
  private void giveWay(Supplier<Collection<Request<?>>> requests) {
    try {
      Collection<Request<?>> mayWait = requests.get();
      for (StoresWithoutRoom<N> stores : room.waiting()) {
        Request<?> store = stores.batch().request();
        boolean inTheWay =
            mayWait.stream().anyMatch(request -> gate.waitsFor(request, store, Request::keys));
        if (inTheWay && room.take(stores)) {
          endHopeless(stores);
        }
      }
    } catch (Throwable e) {
      complaints.log("who waits for a store without room could not be found", e);
    }
  }

  /** Those of its stores that are to be tried once more, which then wait for room. */
  private @Nullable StoresWithoutRoom<N> withoutRoom(Batch<N> batch) {
    turnstile.readLock().lock();
    try {
      StoresWithoutRoom<N> stores = aborting ? null : batch.withoutRoom();
      if (stores != null) {
        room.add(stores);
      }
      return stores;
    } catch (Throwable e) {
      complaints.log("room could not be asked for", e);
      return null;
    } finally {
      turnstile.readLock().unlock();
    }
  }

  /**
   * The owner has made room, or could not: then the stores end as they are. Taken and sent in one,
   * so that an abort finds them either waiting or in the backend. Throws nothing.
   */
  private void answered(StoresWithoutRoom<N> stores, long freed) {
    Batch<N> again = freed > 0 ? again(stores) : null;
    boolean ended = false;
    turnstile.readLock().lock();
    try {
      if (!room.take(stores)) {
        return;
      }
      if (again != null) {
        room.repeated(again.size());
        ended = sender.sendBatch(again);
      }
    } finally {
      turnstile.readLock().unlock();
    }
    if (again == null) {
      endHopeless(stores);
    } else if (ended) {
      settle(again.request());
    }
  }

  /** What to send once more; null if it is too late for that. */
  private @Nullable Batch<N> again(StoresWithoutRoom<N> stores) {
    try {
      long timeout = sender.timeoutNanos(stores.batch().deadline());
      return timeout == 0 ? null : stores.batch().again(stores.items(), timeout);
    } catch (Throwable e) {
      complaints.log("stores could not be repeated", e);
      return null;
    }
  }

  /** Ends stores that found no room and will not be repeated; says how many. */
  private int endHopeless(StoresWithoutRoom<N> stores) {
    BitSet items = stores.items();
    end(stores.batch(), items::get, items.cardinality());
    return items.cardinality();
  }

  /** Counts what became of items, and settles the request if they were the last of it. */
  private void end(Batch<N> batch, IntPredicate which, int count) {
    endings.count(batch, which);
    if (batch.request().end(count)) {
      settle(batch.request());
    }
  }

  /** Does what changes the index and queues events, alone. */
  void withEffects(Runnable work) {
    endings.alone(work);
  }

  /** Completes a request whose keys have all ended, and those that end because of it. */
  private void settle(Request<?> first) {
    continuations.run(() -> settleAll(first));
  }

  private void settleAll(Request<?> first) {
    ArrayDeque<Request<?>> ended = new ArrayDeque<>();
    ended.add(first);
    for (Request<?> request = ended.poll(); request != null; request = ended.poll()) {
      accounting.unreserve(request.inFlightBytes());
      loans.addAndGet(-request.objects().size());
      state.settling(request.keys().size());
      request.prepare();
      if (request.mode() != null) {
        // Before the stage, so that what is chained to it may wait for the next request of the key.
        passOnGuarded(request, ended);
      }
      settledGuarded(request);
      request.complete();
      endings.tellHealth();
      state.settled(request.keys().size());
    }
  }

  /** Whatever happens there, such as no memory, this request's stage completes. */
  private void passOnGuarded(Request<?> request, ArrayDeque<Request<?>> ended) {
    try {
      passOn(request, ended);
    } catch (Throwable e) {
      complaints.log("a request's places could not be given up", e);
    }
  }

  private void settledGuarded(Request<?> request) {
    try {
      request.settled();
    } catch (Throwable e) {
      complaints.log("a request could not do what is left to do", e);
    }
  }

  private void passOn(Request<?> request, ArrayDeque<Request<?>> ended) {
    turnstile.readLock().lock();
    try {
      List<KeyGate.Turn<Request<?>>> turns = gate.leave(request, request.keys());
      byRequest(turns)
          .forEach(
              (waiting, indices) -> {
                if (sender.send(waiting, indices, aborting)) {
                  ended.add(waiting);
                }
              });
    } finally {
      turnstile.readLock().unlock();
    }
  }

  private static Map<Request<?>, List<Integer>> byRequest(List<KeyGate.Turn<Request<?>>> turns) {
    Map<Request<?>, List<Integer>> byRequest = new LinkedHashMap<>();
    for (KeyGate.Turn<Request<?>> turn : turns) {
      byRequest.computeIfAbsent(turn.request(), r -> new ArrayList<>()).add(turn.index());
    }
    return byRequest;
  }

  /** Stops intake; true for the first to do so, who then closes. */
  boolean stopIntake() {
    turnstile.writeLock().lock();
    try {
      return state.stopIntake();
    } finally {
      turnstile.writeLock().unlock();
    }
  }

  /** Ends every key that no worker has begun, after intake has stopped; says how many. */
  int abort() {
    List<KeyGate.Turn<Request<?>>> waiting;
    List<StoresWithoutRoom<N>> withoutRoom;
    turnstile.writeLock().lock();
    try {
      aborting = true;
      waiting = gate.cancelWaiting();
      withoutRoom = room.takeWaiting();
    } finally {
      turnstile.writeLock().unlock();
    }
    // Nothing is sent any more, so what is queued now is all there is to cancel.
    int queued = backend.cancelQueued();
    for (KeyGate.Turn<Request<?>> turn : waiting) {
      turn.request().failed(turn.index(), Endings.CLOSED);
      if (turn.request().end(1)) {
        settle(turn.request());
      }
    }
    int hopeless = 0;
    for (StoresWithoutRoom<N> stores : withoutRoom) {
      hopeless += endHopeless(stores);
    }
    return waiting.size() + queued + hopeless + listings.cancelQueued(Endings.CLOSED);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * A place that keeps objects outside of the memory that serves them: a directory, a device, a
 * service.
 *
 * <p><b>Threads.</b> Every method may be called by any thread at any time. Submitting (store,
 * lookup, load, delete, list) does no I/O and does not wait for any. A stage completes exactly
 * once, on a thread of the adapter, on the submitting one, on one that made room for it, or on one
 * that submits what would have to wait for it: what a caller chains to it must be short or go to an
 * executor of its own, and needs no lock that is held while something is submitted. Callers cannot
 * complete it.
 *
 * <p><b>Buffers.</b> The memory of a store or load is lent from submit until the adapter completes
 * that request's stage; the adapter touches it at no other time. Neither a caller's own time-out
 * nor {@link #close} ends a loan. Nobody may free, unmap or reuse lent memory.
 *
 * <p><b>Order.</b> Operations that are under way at the same time on one key may take effect in any
 * order, each of them whole, between its submit and its completion. An operation submitted after
 * another's completion sees its effect.
 *
 * <p><b>Failure.</b> What goes wrong with a key is that key's outcome, with an {@link L2Error}; the
 * other keys of the request are unharmed. Absence is an outcome and no failure. Stages do not
 * complete exceptionally, unless the adapter has a defect. Exceptions from submit mean misuse: more
 * keys than {@link AdapterLimits#maxKeysPerRequest()}, memory that is gone ({@link
 * MemoryObject#requireLendable}), null.
 *
 * <p><b>Close.</b> Submitting to a closed adapter is no misuse, as a close may always come between:
 * every key is FAILED with {@link L2ErrorCode#CLOSED}.
 */
public interface L2Adapter extends AutoCloseable {

  /** How long {@link #close()} waits. */
  Duration DEFAULT_CLOSE_BOUND = Duration.ofSeconds(30);

  /** What this adapter can take; the same at any time, also after close. */
  AdapterLimits limits();

  /**
   * Stores objects, each on its own.
   *
   * <p>The memory is only read, and lent until completion. A key that is there is handled as {@link
   * StoreMode} says; concurrent stores of one key leave one of the objects, whole. A FAILED key was
   * not stored: no lookup finds it, unless it was there before; then it is there as it was.
   * Listeners hear {@code stored} for each STORED key, after {@code removed(REPLACED)} if another
   * object was there. On close, keys that no worker has begun fail with CLOSED once the bound is
   * over; the others complete.
   *
   * @return completes with one outcome per key
   * @throws IllegalArgumentException if the request has too many keys, or memory that is gone
   */
  CompletionStage<StoreResult> store(StoreRequest request);

  /**
   * Finds out which objects are there and how large they are, and pins them if asked to.
   *
   * <p>No object's bytes are read. Absent keys are no hits; a key that could not be looked up is no
   * hit either and has an {@link LookupLease#error}. The caller closes the lease. On close of the
   * adapter, keys not yet begun have the error CLOSED; leases that are out stay readable.
   *
   * @return completes with the lease
   * @throws IllegalArgumentException if the request has too many keys
   */
  CompletionStage<LookupLease> lookup(LookupRequest request);

  /**
   * Loads objects into the caller's memory.
   *
   * <p>The memory is lent until completion and may be written in any way meanwhile; only a LOADED
   * key's buffer has defined content. Exactly the object's size must be asked for: an object of
   * another size is SIZE_MISMATCH. Absent keys are NOT_FOUND. Listeners hear {@code accessed} for
   * LOADED keys, and {@code removed} where the adapter found an object it knew to be gone or
   * corrupt. On close, keys that no worker has begun fail with CLOSED once the bound is over.
   *
   * @return completes with one outcome per key
   * @throws IllegalArgumentException if the request has too many keys, or memory that is gone
   */
  CompletionStage<LoadResult> load(LoadRequest request);

  /**
   * Deletes objects.
   *
   * <p>A key that a lease of this adapter pins is left alone: PINNED. An absent key is ABSENT.
   * Listeners hear {@code removed(DELETED)} for each DELETED key that they had heard of. On close,
   * keys that no worker has begun fail with CLOSED once the bound is over.
   *
   * @return completes with one outcome per key; by then {@link #usage} shows the change
   * @throws IllegalArgumentException if the request has too many keys
   */
  CompletionStage<DeleteResult> delete(DeleteRequest request);

  /**
   * One page of the keys that are there. Over a whole walk, a key that is there throughout appears
   * at least once; a key that comes or goes meanwhile may appear or not. The order means nothing.
   *
   * <p>A failure, also a close, is the page's {@link KeyPage#error}.
   *
   * @return completes with the page
   * @throws IllegalArgumentException if the cursor is none of this adapter's
   */
  CompletionStage<KeyPage> list(ListRequest request);

  /** How full the adapter is. No I/O, never waits; after close, as it was then. */
  AdapterUsage usage();

  /** How the adapter is doing. No I/O, never waits. */
  AdapterStatus status();

  /**
   * How many buffers are lent: those of stores and loads whose stage is not complete. After a close
   * it falls to 0 once the keys that had failed have been handed back, which may be a moment later,
   * and those inside a system call have returned, which may be much later.
   */
  int loans();

  /**
   * Closes the adapter: no more intake, then waits for what is under way, at most for the bound.
   *
   * <p>Once the bound is over, keys that no worker has begun fail with CLOSED. Keys inside a system
   * call complete when it returns, however late; what they need stays alive until then. A second
   * call waits for the first, up to its own bound, and reports what it saw. Called from one of the
   * adapter's own threads, or from what a caller chained to a stage, it stops the intake and
   * returns at once, with what is under way counted as in the kernel.
   *
   * @param bound how long to wait; zero for not at all
   * @return what became of the work
   */
  CloseReport close(Duration bound);

  /** Closes with {@link #DEFAULT_CLOSE_BOUND}. */
  @Override
  default void close() {
    close(DEFAULT_CLOSE_BOUND);
  }
}

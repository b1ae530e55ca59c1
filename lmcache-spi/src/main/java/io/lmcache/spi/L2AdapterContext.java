// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * What an adapter gets from whoever runs it: names, time, threads and the ear of the core. Its
 * methods may be called from any thread, from open until the adapter's close has returned.
 */
public interface L2AdapterContext {

  /** What the adapter is called in logs, thread names and metrics; unique among those that run. */
  String name();

  /** The adapter's place among those that run, from 0; earlier ones are asked first. */
  int index();

  /** The fields that are common to all adapters. */
  CommonConfig common();

  /**
   * Whether the adapter is opened only to be asked for its limits, usage and status, by a
   * diagnosis; no request is submitted. It leaves its storage as it finds it, whatever its
   * configuration says: nothing is created, removed or kept from others, and what had to be tried
   * is gone when open returns. Storage that others use it looks at all the same, and its status
   * says what that keeps from being effective.
   */
  default boolean examination() {
    return false;
  }

  /** What the addresses of the buffers will be multiples of, in bytes; a power of two. */
  int bufferAlignment();

  /** The time by which deadlines are meant and leases are dated. */
  Clock clock();

  /** Makes the adapter's threads: daemons, named by the adapter, counted by the owner. */
  ThreadFactory threads();

  /**
   * Runs what an adapter does on behalf of others: it is where listeners are called. Tasks may run
   * at the same time and may be held up by others.
   */
  Executor completionExecutor();

  /**
   * Who hears of the adapter's objects. It is here, and not added later, so that no recovered
   * object is missed.
   */
  L2AdapterListener listener();

  /**
   * Asks the owner to make room by eviction.
   *
   * @param bytes how much is wanted
   * @return completes with the bytes that were freed, 0 if none could be; never completes
   *     exceptionally. A worker thread must not wait for it. Whoever completes it may run what
   *     callers chained to the stage of a store that waited for room
   */
  CompletionStage<Long> needRoom(long bytes);

  /**
   * Opens an adapter inside this one, for adapters that decorate others. The outer one closes it.
   * Its events go to the same {@link #listener()} without passing through the outer one, which
   * therefore must not report them again.
   *
   * @throws L2ConfigException if its type or its fields are wrong
   * @throws IOException if its storage cannot be used
   */
  L2Adapter open(AdapterSpec inner) throws L2ConfigException, IOException;
}

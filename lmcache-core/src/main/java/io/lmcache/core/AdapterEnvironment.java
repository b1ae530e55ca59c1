// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.L2AdapterListener;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * What the program around an adapter gives it.
 *
 * @param name what the adapter is called in logs, thread names and metrics
 * @param index its place among the adapters, from 0
 * @param bufferAlignment what the addresses of the program's buffers are multiples of, in bytes; a
 *     power of two
 * @param clock the time
 * @param listener who hears of its objects, and of those of adapters inside it
 * @param roomMaker who makes room when it is full
 * @param examination whether it is only to be looked at
 */
public record AdapterEnvironment(
    String name,
    int index,
    int bufferAlignment,
    Clock clock,
    L2AdapterListener listener,
    RoomMaker roomMaker,
    boolean examination) {

  private static final int PAGE_BYTES = 4096;

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if the name is blank, the index negative or the alignment no
   *     power of two
   */
  public AdapterEnvironment {
    if (name.isBlank()) {
      throw new IllegalArgumentException("an adapter needs a name");
    }
    if (index < 0) {
      throw new IllegalArgumentException("index must be >= 0, got " + index);
    }
    if (Integer.bitCount(bufferAlignment) != 1 || bufferAlignment < 0) {
      throw new IllegalArgumentException(
          "bufferAlignment must be a power of two, got " + bufferAlignment);
    }
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(listener, "listener");
    Objects.requireNonNull(roomMaker, "roomMaker");
  }

  /** Of an adapter that is to work. */
  public AdapterEnvironment(
      String name,
      int index,
      int bufferAlignment,
      Clock clock,
      L2AdapterListener listener,
      RoomMaker roomMaker) {
    this(name, index, bufferAlignment, clock, listener, roomMaker, false);
  }

  /** The same for an adapter that is only to be looked at. */
  public AdapterEnvironment forExamination() {
    return new AdapterEnvironment(name, index, bufferAlignment, clock, listener, roomMaker, true);
  }

  /**
   * The first and only adapter of a simple program: buffers aligned to 4096 bytes, the system's
   * clock in UTC, nobody who listens and nobody who makes room.
   */
  public static AdapterEnvironment of(String name) {
    return new AdapterEnvironment(
        name,
        0,
        PAGE_BYTES,
        Clock.systemUTC(),
        L2AdapterListener.NONE,
        bytes -> CompletableFuture.completedStage(0L));
  }
}

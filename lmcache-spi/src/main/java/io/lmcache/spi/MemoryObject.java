// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.nio.ByteBuffer;

/**
 * The memory of one object: {@code size} bytes, and behind them, if the owner says so, a padding
 * that an adapter may use.
 *
 * <p>The bytes belong to whoever made the object. An adapter borrows them from submit until it
 * completes the stage of that request, and touches them at no other time. Of the memory behind the
 * object only a tail declared by {@link #padded} may be read or written; a buffer's mere capacity
 * may hold a neighbour's data.
 *
 * <p>The memory must stay while it is lent. A direct buffer of the JVM sees to that by itself. An
 * arena (JDK 22 or newer) does not: it must be one that any thread may use, and its owner must not
 * close it while a buffer of it is lent. One that is closed or confined already is refused here,
 * and by {@link #requireLendable} at submit.
 *
 * <p>Immutable apart from the bytes; the views it hands out are fresh, so that no two users share a
 * position.
 */
public final class MemoryObject {

  private final ByteBuffer memory;
  private final int sizeBytes;

  private MemoryObject(ByteBuffer memory, int sizeBytes) {
    this.memory = memory;
    this.sizeBytes = sizeBytes;
  }

  /**
   * An object that fills a buffer from its position to its limit, without padding.
   *
   * @throws IllegalArgumentException if the buffer is not direct, or belongs to an arena that is
   *     closed or confined to a thread
   */
  public static MemoryObject of(ByteBuffer direct) {
    return padded(direct, direct.remaining());
  }

  /**
   * An object in the first {@code size} bytes from the buffer's position; the rest up to its limit
   * is padding, lent together with the object: its content is undefined after any operation.
   *
   * @throws IllegalArgumentException if the buffer is not direct, or belongs to an arena that is
   *     closed or confined to a thread, or {@code size} is negative or more than what remains in it
   */
  public static MemoryObject padded(ByteBuffer backing, int size) {
    if (!backing.isDirect()) {
      throw new IllegalArgumentException(
          "an object needs a direct buffer, got a heap buffer of "
              + backing.remaining()
              + " bytes; use ByteBuffer.allocateDirect");
    }
    if (size < 0 || size > backing.remaining()) {
      throw new IllegalArgumentException(
          "an object of " + size + " bytes does not fit a buffer of " + backing.remaining());
    }
    ArenaMemory.requireLendable(backing);
    return new MemoryObject(backing.slice(), size);
  }

  /**
   * To be called by adapters at submit, before anything is begun, as an arena may have been closed
   * since the object was made.
   *
   * @throws IllegalArgumentException if it was
   */
  public void requireLendable() {
    ArenaMemory.requireLendable(memory);
  }

  /** The object's bytes: position 0, limit {@link #sizeBytes()}. */
  public ByteBuffer buffer() {
    return memory.duplicate().limit(sizeBytes);
  }

  /** The object's bytes and the padding: position 0, limit {@link #physicalBytes()}. */
  public ByteBuffer physical() {
    return memory.duplicate();
  }

  /** The object's length in bytes. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /** The length of object and padding together, in bytes. */
  public int physicalBytes() {
    return memory.capacity();
  }

  /** Whether the memory may not be written; such an object can be stored but not loaded into. */
  public boolean isReadOnly() {
    return memory.isReadOnly();
  }

  @Override
  public String toString() {
    return sizeBytes + " bytes" + (physicalBytes() == sizeBytes ? "" : " in " + physicalBytes());
  }
}

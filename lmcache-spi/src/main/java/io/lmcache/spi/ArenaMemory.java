// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a JDK that has arenas (22 or newer) says of a buffer's memory. A buffer of an arena may
 * outlive its memory, or be one thread's only; native code would be told of neither. Any other
 * direct buffer keeps its memory, as all do on an older JDK.
 *
 * <p>This is compiled for 17, so the methods are looked up, once. Any thread may call.
 */
final class ArenaMemory {

  private static final int FIRST_JDK = 22;
  private static final @Nullable Handles HANDLES =
      Runtime.version().feature() < FIRST_JDK ? null : Handles.lookUp();

  private ArenaMemory() {}

  /**
   * Fails unless the memory is there and any thread may use it.
   *
   * @throws IllegalArgumentException says which it is, and what to do
   */
  static void requireLendable(ByteBuffer direct) {
    if (HANDLES == null) {
      return;
    }
    if (!HANDLES.isAlive(direct)) {
      throw new IllegalArgumentException(
          "the arena of this buffer is closed, so its memory is gone; close an arena only when"
              + " nothing of it is lent");
    }
    if (!HANDLES.isShared(direct)) {
      throw new IllegalArgumentException(
          "the arena of this buffer is confined to a thread, and an adapter has threads of its own;"
              + " use Arena.ofShared() or ByteBuffer.allocateDirect");
    }
  }

  /**
   * Calls of {@code java.lang.foreign.MemorySegment}.
   *
   * @param alive of a buffer, whether the scope of its segment is
   * @param accessible of a buffer and a thread, whether the one may be used by the other
   * @param stranger a thread that owns nothing, and is never started
   */
  private record Handles(MethodHandle alive, MethodHandle accessible, Thread stranger) {

    static Handles lookUp() {
      try {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
        Class<?> scope = Class.forName("java.lang.foreign.MemorySegment$Scope");
        MethodHandle of =
            lookup
                .findStatic(segment, "ofBuffer", MethodType.methodType(segment, Buffer.class))
                .asType(MethodType.methodType(segment, ByteBuffer.class));
        MethodHandle scopeOf = lookup.findVirtual(segment, "scope", MethodType.methodType(scope));
        MethodHandle isAlive =
            lookup.findVirtual(scope, "isAlive", MethodType.methodType(boolean.class));
        MethodHandle isAccessibleBy =
            lookup.findVirtual(
                segment, "isAccessibleBy", MethodType.methodType(boolean.class, Thread.class));
        return new Handles(
            MethodHandles.filterReturnValue(MethodHandles.filterReturnValue(of, scopeOf), isAlive),
            MethodHandles.filterArguments(isAccessibleBy, 0, of),
            new Thread(null, () -> {}, "lmc-stranger", 0, false));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JDK has no java.lang.foreign as of 22", e);
      }
    }

    boolean isAlive(ByteBuffer direct) {
      try {
        return (boolean) alive.invokeExact(direct);
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }

    boolean isShared(ByteBuffer direct) {
      try {
        return (boolean) accessible.invokeExact(direct, stranger);
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }

    private static IllegalStateException unexpected(Throwable e) {
      return new IllegalStateException("the JDK does not tell whose a buffer's memory is", e);
    }
  }
}

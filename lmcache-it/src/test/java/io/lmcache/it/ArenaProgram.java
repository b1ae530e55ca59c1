// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreRequest;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lends memory of arenas, on a JDK that has them, and says what became of it, a line for each try.
 * Argument: the adapter's JSON.
 */
final class ArenaProgram {

  private static final int SIZE = 100_000;
  private static final byte POISON = (byte) 0xA5;

  private ArenaProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    AdapterRegistry registry = AdapterRegistry.discover();
    try (OpenAdapter open =
        registry.open(registry.parse("arena", args[0]), AdapterEnvironment.of("arena"))) {
      L2Adapter adapter = open.adapter();
      for (String kind : List.of("ofShared", "ofAuto", "global")) {
        System.out.println(kind + ": " + roundTrip(adapter, kind));
      }
      System.out.println("ofConfined: " + refusal(() -> lent(arena("ofConfined"))));
      AutoCloseable closedBefore = arena("ofShared");
      ByteBuffer memory = memory(closedBefore);
      closedBefore.close();
      System.out.println("closed before: " + refusal(() -> MemoryObject.of(memory)));
      AutoCloseable closedBetween = arena("ofShared");
      StoreRequest store =
          StoreRequest.of(List.of(new StoreItem(key("between"), lent(closedBetween))));
      LoadRequest load = LoadRequest.of(List.of(LoadItem.of(key("ofShared"), lent(closedBetween))));
      closedBetween.close();
      System.out.println("closed between, store: " + refusal(() -> adapter.store(store)));
      System.out.println("closed between, load: " + refusal(() -> adapter.load(load)));
      System.out.println(
          "loans " + adapter.loans() + " objects " + adapter.usage().storedObjects());
    }
  }

  private static ObjectKey key(String kind) {
    return ObjectKey.of(new byte[] {(byte) kind.hashCode()}, kind, 0);
  }

  private static AutoCloseable arena(String kind) {
    try {
      Method factory = Class.forName("java.lang.foreign.Arena").getMethod(kind);
      return (AutoCloseable) factory.invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no arenas here", e);
    }
  }

  private static ByteBuffer memory(AutoCloseable arena) {
    try {
      Object segment =
          Class.forName("java.lang.foreign.Arena")
              .getMethod("allocate", long.class, long.class)
              .invoke(arena, SIZE, 4096);
      return (ByteBuffer)
          Class.forName("java.lang.foreign.MemorySegment")
              .getMethod("asByteBuffer")
              .invoke(segment);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no memory of arenas here", e);
    }
  }

  private static MemoryObject lent(AutoCloseable arena) {
    return MemoryObject.of(memory(arena));
  }

  /** Stores from one arena, loads into another of the kind, and compares. */
  private static String roundTrip(L2Adapter adapter, String kind) throws Exception {
    ObjectKey key = key(kind);
    MemoryObject from = lent(arena(kind));
    MemoryObject into = lent(arena(kind));
    for (int i = 0; i < SIZE; i++) {
      from.buffer().put(i, (byte) (key.hashCode() + i * 31 + i / 251));
      into.buffer().put(i, POISON);
    }
    List<Object> outcomes = new ArrayList<>();
    outcomes.add(
        adapter
            .store(StoreRequest.of(List.of(new StoreItem(key, from))))
            .toCompletableFuture()
            .get()
            .outcome(0));
    outcomes.add(
        adapter
            .load(LoadRequest.of(List.of(LoadItem.of(key, into))))
            .toCompletableFuture()
            .get()
            .outcome(0));
    outcomes.add(from.buffer().equals(into.buffer()));
    return outcomes.toString();
  }

  private static String refusal(Supplier<Object> attempt) {
    try {
      return "was taken: " + attempt.get();
    } catch (IllegalArgumentException e) {
      return "refused: " + e.getMessage();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.L2AdapterContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Asks the owner for room on behalf of stores that found none.
 *
 * <p>They wait without a thread, their buffers lent and their places kept, until the owner answers,
 * the adapter closes or a delete waits for a store: whoever takes them out of {@code waiting} ends
 * them or sends them again, so that it happens once. <b>Threads.</b> Any; the answer comes on the
 * owner's.
 */
final class RoomSeeker<N> {

  private static final Logger log = System.getLogger(RoomSeeker.class.getName());

  private final L2AdapterContext context;
  private final Set<StoresWithoutRoom<N>> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong repeated = new AtomicLong();

  RoomSeeker(L2AdapterContext context) {
    this.context = context;
  }

  /** These wait for an answer now; called where no close can come between. */
  void add(StoresWithoutRoom<N> stores) {
    waiting.add(stores);
  }

  /** Whether these still waited, and do no longer; then the caller ends them. */
  boolean take(StoresWithoutRoom<N> stores) {
    return waiting.remove(stores);
  }

  /** Whether stores wait, so that a delete is what helps them. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /**
   * Asks; the answer may come at once.
   *
   * @param answered gets the bytes that were freed, 0 if none could be; has to {@link #take} the
   *     stores, which a close or another request may have done before, as the owner may answer late
   */
  void ask(StoresWithoutRoom<N> stores, LongConsumer answered) {
    if (!waiting.contains(stores)) {
      return;
    }
    asked.incrementAndGet();
    try {
      // Not the stage: its owner may complete it with whatever it likes.
      unused(
          context
              .needRoom(stores.bytes())
              .handle((freed, thrown) -> thrown == null && freed != null ? freed : Long.valueOf(0))
              .thenAccept(answered::accept));
    } catch (Throwable e) {
      // Whatever it is, a checked exception of an owner in another language too.
      log.log(Level.WARNING, context.name() + ": the owner could not be asked for room: " + e, e);
      answered.accept(0);
    }
  }

  private static void unused(Object ignored) {
    // What is chained to the stage ends the stores, whatever happens.
  }

  /** So many stores are sent once more. */
  void repeated(int stores) {
    repeated.addAndGet(stores);
  }

  /** All that wait now. */
  List<StoresWithoutRoom<N>> waiting() {
    return List.copyOf(waiting);
  }

  /** Nobody waits any longer; the caller ends these. */
  List<StoresWithoutRoom<N>> takeWaiting() {
    List<StoresWithoutRoom<N>> taken = new ArrayList<>(waiting);
    taken.removeIf(stores -> !waiting.remove(stores));
    return taken;
  }

  void addTo(Map<String, String> details) {
    details.put("room_requests", Long.toString(asked.get()));
    details.put("stores_repeated", Long.toString(repeated.get()));
  }
}

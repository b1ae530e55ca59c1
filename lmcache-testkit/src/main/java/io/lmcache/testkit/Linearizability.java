// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.fail;

import io.lmcache.testkit.KeyState.Seen;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether operations that overlapped can have taken effect one after the other.
 *
 * <p>The search is the one of Wing and Gong with a memory, as of Lowe: it puts in order what may
 * come next, that is what was submitted before anything still missing was complete, and never goes
 * twice where the same operations led to the same state.
 */
final class Linearizability {

  /**
   * One operation on one key.
   *
   * @param who the thread that submitted it
   * @param submitted a moment not after its submit
   * @param complete a moment not before its completion; a later number is a later moment
   * @param seen what it was and how it was answered
   */
  record Operation(String who, long submitted, long complete, Seen seen) {
    @Override
    public String toString() {
      return "[%4d, %4d] %s: %s".formatted(submitted, complete, who, seen);
    }
  }

  private record Node(BitSet done, KeyState state) {}

  private Linearizability() {}

  /** Whether there is an order, from a state on, in which every answer is right. */
  static boolean holds(KeyState begin, List<Operation> history) {
    Set<Node> known = new HashSet<>();
    ArrayDeque<Node> open = new ArrayDeque<>();
    open.push(new Node(new BitSet(), begin));
    while (!open.isEmpty()) {
      Node node = open.pop();
      if (node.done.cardinality() == history.size()) {
        return true;
      }
      long horizon = Long.MAX_VALUE;
      for (int i = node.done.nextClearBit(0);
          i < history.size();
          i = node.done.nextClearBit(i + 1)) {
        horizon = Math.min(horizon, history.get(i).complete);
      }
      for (int i = node.done.nextClearBit(0);
          i < history.size();
          i = node.done.nextClearBit(i + 1)) {
        Operation operation = history.get(i);
        KeyState next = operation.submitted <= horizon ? node.state.after(operation.seen) : null;
        if (next != null) {
          BitSet done = (BitSet) node.done.clone();
          done.set(i);
          Node after = new Node(done, next);
          if (known.add(after)) {
            open.push(after);
          }
        }
      }
    }
    return false;
  }

  /** Fails with the history unless there is such an order from an absent key on. */
  static void assertHolds(String what, List<Operation> history) {
    if (!holds(KeyState.ABSENT, history)) {
      fail(
          "ORDER-2: %s: these %d operations cannot have taken effect one after the other, each"
              + " between its submit and its completion (whose order is in brackets):%n%s",
          what,
          history.size(),
          history.stream()
              .sorted(Comparator.comparingLong(Operation::submitted))
              .map(Operation::toString)
              .collect(Collectors.joining("\n")));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.List;
import java.util.Optional;

/**
 * What a run is to do; every value is checked.
 *
 * @param numKeys keys of one submit
 * @param inFlight submits of one round
 * @param objectBytes the size of every object
 * @param rounds measured rounds
 * @param warmupRounds rounds before them that do not count
 * @param maxHitRate which part of the keys of a lookup round exists
 * @param verify whether every loaded byte is compared
 * @param only the single operation to run; empty for all
 * @param keep whether the objects stay
 * @param seed what the content depends on
 */
record BenchPlan(
    int numKeys,
    int inFlight,
    int objectBytes,
    int rounds,
    int warmupRounds,
    double maxHitRate,
    boolean verify,
    Optional<OperationKind> only,
    boolean keep,
    long seed) {

  /** What the addresses and lengths of all buffers are multiples of. */
  static final int PAGE = 4096;

  /** The largest object whose padded slot still fits one buffer, wherever that one begins. */
  static final int MAX_OBJECT_BYTES = (Integer.MAX_VALUE - (PAGE - 1)) / PAGE * PAGE;

  int keysPerRound() {
    return numKeys * inFlight;
  }

  /** Keys of all measured rounds. */
  long measuredKeys() {
    return (long) keysPerRound() * rounds;
  }

  /** How many keys of a lookup round exist. */
  int hitsPerRound() {
    return (int) (keysPerRound() * maxHitRate);
  }

  List<OperationKind> operations() {
    return only.map(List::of).orElse(List.of(OperationKind.values()));
  }

  boolean runs(OperationKind kind) {
    return operations().contains(kind);
  }

  /** The length of one slot: the object and its padding. */
  int slotBytes() {
    return (objectBytes + PAGE - 1) / PAGE * PAGE;
  }

  /** The memory that all buffers of the run take. */
  long bufferBytes() {
    int sets = (runs(OperationKind.STORE) ? 1 : 0) + (runs(OperationKind.LOAD) ? 1 : 0);
    return (long) sets * keysPerRound() * slotBytes();
  }

  /** Whether the run removes what it stored. */
  boolean cleansUp() {
    return only.isEmpty() && !keep;
  }

  BenchKeys keys() {
    return only.isPresent() ? BenchKeys.shared(seed) : BenchKeys.ofOneRun(seed);
  }
}

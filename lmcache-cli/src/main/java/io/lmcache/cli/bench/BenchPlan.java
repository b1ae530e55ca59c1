// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
 * @param l1AlignBytes what buffers are aligned and padded to; empty for what the adapter wishes
 * @param cold whether objects are loaded twice, first after the page cache was emptied of them
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
    OptionalInt l1AlignBytes,
    boolean cold,
    long seed) {

  /** What a small object takes on most file systems. */
  private static final long BLOCK = 4096;

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

  /** How many phases there will be if all goes well. */
  int phases() {
    return operations().size() + (cold ? 1 : 0);
  }

  boolean runs(OperationKind kind) {
    return operations().contains(kind);
  }

  /** The memory that all buffers of the run take. */
  long bufferBytes(SlotLayout layout) {
    int sets = (runs(OperationKind.STORE) ? 1 : 0) + (runs(OperationKind.LOAD) ? 1 : 0);
    return sets * layout.bytes(keysPerRound());
  }

  /** Warm-up rounds, then the measured ones. */
  List<RoundId> allRounds() {
    return Stream.concat(
            IntStream.range(0, warmupRounds).mapToObj(i -> new RoundId(true, i)),
            IntStream.range(0, rounds).mapToObj(i -> new RoundId(false, i)))
        .toList();
  }

  /** Keys of all rounds. */
  long allKeys() {
    return (long) keysPerRound() * (warmupRounds + rounds);
  }

  /** How much the run stores at most, all of which is there before any of it is deleted. */
  long storedBytes() {
    long each = (objectBytes + BLOCK - 1) / BLOCK * BLOCK;
    if (!runs(OperationKind.STORE)) {
      return 0;
    }
    return allKeys() > Long.MAX_VALUE / each ? Long.MAX_VALUE : allKeys() * each;
  }

  /** Whether the run removes what it stored. */
  boolean cleansUp() {
    return only.isEmpty() && !keep;
  }

  BenchKeys keys() {
    return only.isPresent() ? BenchKeys.shared(seed) : BenchKeys.ofOneRun(seed);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Which keys have which fault: a function of the configuration and of the keys' fields, never of
 * order or time, so that a run can be repeated. Immutable.
 *
 * <p>For loads it is upstream's function (fault_inject_l2_adapter.py): BLAKE2b of seed and fields,
 * modulo a million, against the rate. For the other faults the operation's name is hashed too.
 */
final class Faults {

  private static final long BUCKETS = 1_000_000;

  private final FaultInjectConfig config;

  Faults(FaultInjectConfig config) {
    this.config = config;
  }

  /** The positions of a load of so many keys that fail whatever the keys. */
  Set<Integer> gaps(int keys) {
    Set<Integer> gaps = new HashSet<>();
    for (int index : config.gapIndices()) {
      if (index < keys) {
        gaps.add(index);
      }
    }
    for (double ratio : config.gapTailRatios()) {
      // Half to even, as Python rounds.
      gaps.add((int) Math.rint((1 - ratio) * (keys - 1)));
    }
    return gaps;
  }

  boolean failsToLoad(ObjectKey key) {
    return chosen("", key, config.rate());
  }

  boolean failsToStore(ObjectKey key) {
    return chosen("store:", key, config.storeFailRate());
  }

  boolean failsToLookUp(ObjectKey key) {
    return chosen("lookup:", key, config.lookupFailRate());
  }

  boolean failsToDelete(ObjectKey key) {
    return chosen("delete:", key, config.deleteFailRate());
  }

  boolean isCorrupted(ObjectKey key) {
    return chosen("corrupt:", key, config.corruptRate());
  }

  boolean throwsAtSubmit(ObjectKey key) {
    return chosen("throw:", key, config.throwRate());
  }

  /** Where in an object of so many bytes, at least one, the wrong bit is. */
  long wrongBit(ObjectKey key, long sizeBytes) {
    return Long.remainderUnsigned(hash("bit:", key), sizeBytes * 8);
  }

  private boolean chosen(String fault, ObjectKey key, double rate) {
    return rate > 0 && Long.remainderUnsigned(hash(fault, key), BUCKETS) < (long) (rate * BUCKETS);
  }

  private long hash(String fault, ObjectKey key) {
    String text =
        fault
            + config.seed()
            + ':'
            + key.chunkHashHex()
            + ':'
            + key.modelName()
            + ':'
            + key.kvRank()
            + ':'
            + key.objectGroupId()
            + ':'
            + key.cacheSalt();
    return Blake2b.digest64(text.getBytes(StandardCharsets.UTF_8));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Looks up keys of which a known part exists, spread evenly over the round. A hit that should be a
 * miss is as wrong as a miss that should be a hit. Hits are pinned, as they are in a cache at work.
 */
final class LookupOperation implements Operation<LookupLease> {

  private final BenchPlan plan;
  private final BenchKeys keys;
  private final L2Adapter adapter;
  private List<LookupRequest> requests = List.of();
  private long hits;

  LookupOperation(BenchPlan plan, BenchKeys keys, L2Adapter adapter) {
    this.plan = plan;
    this.keys = keys;
    this.adapter = adapter;
  }

  @Override
  public OperationKind kind() {
    return OperationKind.LOOKUP;
  }

  @Override
  public void prepare(RoundId round) {
    List<LookupRequest> prepared = new ArrayList<>(plan.inFlight());
    for (int first = 0; first < plan.keysPerRound(); first += plan.numKeys()) {
      List<ObjectKey> wanted = new ArrayList<>(plan.numKeys());
      for (int i = first; i < first + plan.numKeys(); i++) {
        wanted.add(exists(i) ? keys.stored(round, i) : keys.absent(round, i));
      }
      prepared.add(LookupRequest.of(wanted));
    }
    requests = prepared;
  }

  /** Whether the i-th key of a round is one of those that exist. */
  boolean exists(int i) {
    long existing = plan.hitsPerRound();
    return (i + 1) * existing / plan.keysPerRound() > i * existing / plan.keysPerRound();
  }

  @Override
  public CompletionStage<LookupLease> submit(int number) {
    return adapter.lookup(requests.get(number));
  }

  @Override
  public ObjectKey key(int number, int i) {
    return requests.get(number).keys().get(i);
  }

  @Override
  public void judge(int number, LookupLease answer, RoundTally tally) {
    try (LookupLease lease = answer) {
      Phase.checkSize(lease.size(), plan.numKeys());
      for (int i = 0; i < plan.numKeys(); i++) {
        judge(lease, i, exists(number * plan.numKeys() + i), key(number, i), tally);
      }
    }
  }

  private void judge(LookupLease lease, int i, boolean expected, ObjectKey key, RoundTally tally) {
    L2Error error = lease.error(i);
    boolean hit = lease.hit(i);
    if (hit && !tally.round().warmup()) {
      hits++;
    }
    if (error != null) {
      tally.bad("FAILED", key, error.toString());
    } else if (hit && !expected) {
      tally.bad("WRONG_HIT", key, "found, but never stored");
    } else if (!hit && expected) {
      tally.bad("WRONG_MISS", key, "not found, but should be there");
    } else if (hit && !rightSize(lease.get(i))) {
      tally.bad("WRONG_SIZE", key, "found with " + lease.get(i).sizeBytes() + " bytes");
    } else {
      tally.good(0);
    }
  }

  private boolean rightSize(Hit hit) {
    return hit.sizeExact()
        ? hit.sizeBytes() == plan.objectBytes()
        : hit.sizeBytes() >= plan.objectBytes();
  }

  /** How many keys of the measured rounds were found. */
  long hits() {
    return hits;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** Stores new objects under new keys, round by round out of the same slots. */
final class StoreOperation implements Operation<StoreResult> {

  private final BenchPlan plan;
  private final BenchKeys keys;
  private final L2Adapter adapter;
  private final Slots slots;
  private final StoredKeys stored;
  private final BooleanSupplier stop;
  private List<StoreRequest> requests = List.of();

  StoreOperation(
      BenchPlan plan,
      BenchKeys keys,
      L2Adapter adapter,
      Slots slots,
      StoredKeys stored,
      BooleanSupplier stop) {
    this.plan = plan;
    this.keys = keys;
    this.adapter = adapter;
    this.slots = slots;
    this.stored = stored;
    this.stop = stop;
  }

  @Override
  public OperationKind kind() {
    return OperationKind.STORE;
  }

  @Override
  public void prepare(RoundId round) {
    List<StoreRequest> prepared = new ArrayList<>(plan.inFlight());
    for (int first = 0; first < plan.keysPerRound(); first += plan.numKeys()) {
      List<StoreItem> items = new ArrayList<>(plan.numKeys());
      for (int i = first; i < first + plan.numKeys() && !stop.getAsBoolean(); i++) {
        ObjectKey key = keys.stored(round, i);
        keys.content(key).fill(slots.get(i).buffer());
        items.add(new StoreItem(key, slots.get(i)));
      }
      if (stop.getAsBoolean()) {
        return;
      }
      prepared.add(StoreRequest.of(items));
    }
    requests = prepared;
    // Before the submits: once one is out, its keys may be there, whatever the answer.
    stored.add(round);
  }

  @Override
  public CompletionStage<StoreResult> submit(int number) {
    return adapter.store(requests.get(number));
  }

  @Override
  public ObjectKey key(int number, int i) {
    return requests.get(number).items().get(i).key();
  }

  @Override
  public void judge(int number, StoreResult answer, RoundTally tally) {
    Phase.checkSize(answer.size(), plan.numKeys());
    for (int i = 0; i < plan.numKeys(); i++) {
      if (answer.outcome(i) == StoreOutcome.STORED) {
        tally.good(plan.objectBytes());
      } else {
        tally.bad(answer.outcome(i), key(number, i), answer.error(i));
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * Loads the objects of the store round of the same number, into slots of its own that were poisoned
 * before: only a load can have put the right bytes there.
 */
final class LoadOperation implements Operation<LoadResult> {

  private final BenchPlan plan;
  private final BenchKeys keys;
  private final L2Adapter adapter;
  private final Slots slots;
  private final BooleanSupplier stop;
  private List<LoadRequest> requests = List.of();
  private long bytesCompared;
  private long mismatches;

  LoadOperation(
      BenchPlan plan, BenchKeys keys, L2Adapter adapter, Slots slots, BooleanSupplier stop) {
    this.plan = plan;
    this.keys = keys;
    this.adapter = adapter;
    this.slots = slots;
    this.stop = stop;
  }

  @Override
  public OperationKind kind() {
    return OperationKind.LOAD;
  }

  @Override
  public void prepare(RoundId round) {
    List<LoadRequest> prepared = new ArrayList<>(plan.inFlight());
    for (int first = 0; first < plan.keysPerRound(); first += plan.numKeys()) {
      List<LoadItem> items = new ArrayList<>(plan.numKeys());
      for (int i = first; i < first + plan.numKeys() && !stop.getAsBoolean(); i++) {
        ObjectKey key = keys.stored(round, i);
        keys.content(key).poison(slots.get(i).buffer());
        items.add(LoadItem.of(key, slots.get(i)));
      }
      if (stop.getAsBoolean()) {
        return;
      }
      prepared.add(LoadRequest.of(items));
    }
    requests = prepared;
  }

  @Override
  public CompletionStage<LoadResult> submit(int number) {
    return adapter.load(requests.get(number));
  }

  @Override
  public ObjectKey key(int number, int i) {
    return requests.get(number).items().get(i).key();
  }

  @Override
  public void judge(int number, LoadResult answer, RoundTally tally) {
    Phase.checkSize(answer.size(), plan.numKeys());
    for (int i = 0; i < plan.numKeys(); i++) {
      if (answer.outcome(i) == LoadOutcome.LOADED) {
        judgeBytes(requests.get(number).items().get(i), tally);
      } else {
        tally.bad(answer.outcome(i), key(number, i), answer.error(i));
      }
    }
  }

  private void judgeBytes(LoadItem item, RoundTally tally) {
    ByteBuffer found = item.object().buffer();
    Content expected = keys.content(item.key());
    if (!plan.verify()) {
      // Cheap enough to do always: an adapter that moves nothing must not win a benchmark.
      if (expected.looksPoisoned(found)) {
        tally.bad("UNTOUCHED", item.key(), "reported as loaded, but the buffer was not written");
      } else {
        tally.good(plan.objectBytes());
      }
      return;
    }
    int offset = expected.mismatch(found);
    bytesCompared += offset < 0 ? plan.objectBytes() : offset + 1;
    if (offset < 0) {
      tally.good(plan.objectBytes());
      return;
    }
    mismatches++;
    String text =
        String.format(
            Locale.ROOT,
            "first differs at offset %d: expected 0x%02x, found 0x%02x",
            offset,
            expected.byteAt(offset),
            found.get(offset));
    tally.bad("MISMATCH", item.key(), text);
  }

  /** How many bytes were compared; those behind a difference were not. */
  long bytesCompared() {
    return bytesCompared;
  }

  /** How many objects were not what was stored. */
  long mismatches() {
    return mismatches;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.Extent;
import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A lookup on its way. Its pins are placed before it leaves the gates, so no delete comes between.
 */
final class LookupTask extends Request<LookupLease> {

  private record FoundHit(long sizeBytes, boolean sizeExact) implements Hit {}

  private final ObjectIndex index;
  private final boolean exclusive;
  private final LookupRequest request;
  private final KeyGate<?> gate;
  private final PinTable pins;
  private final Clock clock;
  private final String owner = Thread.currentThread().getName();
  private final Sightings sightings;
  private final Recovery recovery;

  /** Keys whose end may be misunderstood; filled under the flow's lock on effects. */
  private final List<ObjectKey> doubtful = new ArrayList<>(0);

  private final AtomicReferenceArray<Hit> hits;
  private final AtomicReferenceArray<L2Error> errors;

  LookupTask(
      LookupRequest request,
      ObjectIndex index,
      boolean exclusive,
      KeyGate<?> gate,
      Recovery recovery,
      PinTable pins,
      Clock clock) {
    super(Operation.LOOKUP, KeyGate.Mode.LOOKUP, request.keys(), request.options());
    this.request = request;
    this.index = index;
    this.exclusive = exclusive;
    Objects.requireNonNull(request.extent(), "extent");
    this.gate = gate;
    this.pins = pins;
    this.clock = clock;
    this.recovery = recovery;
    this.sightings = new Sightings(index, gate, this);
    this.hits = new AtomicReferenceArray<>(request.keys().size());
    this.errors = new AtomicReferenceArray<>(request.keys().size());
  }

  @Override
  boolean endsEarly(int i) {
    boolean storing = gate.has(KeyGate.Mode.STORE, request.keys().get(i));
    ObjectIndex.Entry entry = sightings.before(i);
    if (!exclusive || storing) {
      return false;
    }
    if (entry != null) {
      hits.set(i, entry);
    }
    return entry != null || index.complete();
  }

  @Override
  void ended(int i, Outcome outcome, long bytes) {
    if (outcome == Outcome.FOUND) {
      hits.set(i, new FoundHit(bytes, true));
      sightings.present(i, bytes);
    } else {
      if (sightings.absent(i)) {
        doubtful.add(key(i));
      }
    }
  }

  @Override
  void failed(int i, L2Error error) {
    errors.set(i, error);
  }

  @Override
  void settled() {
    recovery.ask(doubtful);
  }

  @Override
  LookupLease result() {
    int size = hits.length();
    @Nullable Hit[] found = new Hit[size];
    @Nullable L2Error[] failures = new L2Error[size];
    boolean gap = false;
    for (int i = 0; i < size; i++) {
      failures[i] = errors.get(i);
      gap |= hits.get(i) == null;
      found[i] = gap && request.extent() == Extent.PREFIX ? null : hits.get(i);
    }
    return pins.lease(request.keys(), found, failures, request.pin(), owner, clock.instant());
  }
}

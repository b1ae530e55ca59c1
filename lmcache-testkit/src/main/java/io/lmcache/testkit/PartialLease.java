// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.Extent;
import io.lmcache.spi.Hit;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.ObjectKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a lookup of which only some keys were asked for: the others have an error, or are
 * no hits because they come after one that has. Safe for use by many threads, as the lease behind
 * it is.
 */
final class PartialLease implements LookupLease {

  private final LookupLease asked;
  private final List<Integer> positions;
  private final List<L2Error> errors;

  private PartialLease(LookupLease asked, List<Integer> positions, List<L2Error> errors) {
    this.asked = asked;
    this.positions = positions;
    this.errors = errors;
  }

  /** Which of the keys to ask for: with PREFIX, those before the first that fails. */
  static List<ObjectKey> toAsk(LookupRequest request, Split split) {
    return request.extent() == Extent.PREFIX
        ? request.keys().subList(0, split.firstFailing())
        : split.rest(request.keys());
  }

  /** The answer for all keys, from the one for those that were asked for. */
  static LookupLease of(
      LookupLease asked, LookupRequest request, Split split, Function<ObjectKey, L2Error> error) {
    int size = request.keys().size();
    int end = request.extent() == Extent.PREFIX ? split.firstFailing() : size;
    int next = 0;
    Integer[] positions = new Integer[size];
    @Nullable L2Error[] errors = new L2Error[size];
    for (int i = 0; i < size; i++) {
      boolean isAsked = i < end && !split.fails(i);
      positions[i] = isAsked ? next++ : -1;
      errors[i] = split.fails(i) ? error.apply(request.keys().get(i)) : null;
    }
    return new PartialLease(asked, List.of(positions), Arrays.asList(errors));
  }

  private int position(int i) {
    return positions.get(i);
  }

  @Override
  public int size() {
    return positions.size();
  }

  @Override
  public boolean hit(int i) {
    return position(i) >= 0 && asked.hit(position(i));
  }

  @Override
  public Hit get(int i) {
    if (position(i) < 0) {
      throw new IllegalArgumentException("key " + i + " is no hit");
    }
    return asked.get(position(i));
  }

  @Override
  public @Nullable L2Error error(int i) {
    return position(i) < 0 ? errors.get(i) : asked.error(position(i));
  }

  @Override
  public void release(int i) {
    if (position(i) >= 0) {
      asked.release(position(i));
    }
  }

  @Override
  public Instant since() {
    return asked.since();
  }

  @Override
  public void close() {
    asked.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.KeyResult;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/**
 * One result for each key of a request, each set once.
 *
 * @param <O> the outcomes
 */
final class ResultSlots<O extends Enum<O>> {

  private final AtomicReferenceArray<KeyResult<O>> slots;

  ResultSlots(int size) {
    slots = new AtomicReferenceArray<>(size);
  }

  void set(int i, KeyResult<O> result) {
    slots.set(i, result);
  }

  List<KeyResult<O>> all() {
    return IntStream.range(0, slots.length()).mapToObj(slots::get).toList();
  }
}

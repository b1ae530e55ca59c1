// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Operations that fail or succeed as told, one key after the other. What is to be loaded or deleted
 * was stored before, so that an operation of one kind needs none of another.
 */
final class HealthWork {

  private static final int PREPARED = 40;

  private final AdapterUnderTest a;
  private final int size;
  private final List<ObjectKey> loadable;
  private final List<ObjectKey> deletable;
  private int stored;

  HealthWork(AdapterUnderTest a, int size) {
    this.a = a;
    this.size = size;
    this.loadable = a.keys(1_000, PREPARED);
    this.deletable = new ArrayList<>(a.keys(2_000, PREPARED));
    Bulk.mustStore(a, loadable, 1, size);
    Bulk.mustStore(a, deletable, 1, size);
  }

  /** What can be made to fail whatever the adapter: one may look up without its storage. */
  List<Stall.Call> calls() {
    return a.declines(Feature.DELETE)
        ? List.of(Stall.Call.STORE, Stall.Call.LOAD)
        : List.of(Stall.Call.STORE, Stall.Call.LOAD, Stall.Call.DELETE);
  }

  /** Does so many, one after the other, which the storage fails; the last one's error. */
  L2Error fail(Stall.Call call, int times) {
    Failures.mustArm(a, call, times);
    L2Error last = null;
    for (int i = 0; i < times; i++) {
      last = run(call, keys(call, 1)).get(0).error();
      assertThat(last).as("error of failure %d of %d of %s", i + 1, times, call).isNotNull();
    }
    a.stall().release();
    return Objects.requireNonNull(last, "no failures");
  }

  /** Does so many in one request, half of which the storage fails; their errors. */
  List<L2Error> failHalf(Stall.Call call, int keys) {
    Failures.mustArm(a, call, keys / 2);
    List<L2Error> errors = new ArrayList<>();
    for (KeyResult<?> result : run(call, keys(call, keys))) {
      L2Error error = result.error();
      if (error != null) {
        errors.add(error);
      }
    }
    a.stall().release();
    return errors;
  }

  /** Does one, which succeeds. */
  void succeed(Stall.Call call) {
    KeyResult<?> result = run(call, keys(call, 1)).get(0);
    assertThat(result.error()).as("error of a %s that must succeed", call).isNull();
    if (call == Stall.Call.DELETE) {
      deletable.remove(0);
    }
  }

  /** Stores one more, which succeeds. */
  ObjectKey store() {
    ObjectKey key = a.key(stored);
    succeed(Stall.Call.STORE);
    return key;
  }

  private List<ObjectKey> keys(Stall.Call call, int count) {
    return switch (call) {
      case STORE -> a.keys(stored, count);
      case LOAD -> loadable.subList(0, count);
      case DELETE -> List.copyOf(deletable.subList(0, count));
      case LOOKUP -> throw new IllegalArgumentException("lookups may need no storage");
    };
  }

  private List<? extends KeyResult<?>> run(Stall.Call call, List<ObjectKey> keys) {
    return switch (call) {
      case STORE -> {
        stored += keys.size();
        yield Ops.store(a, Ops.storeOf(a, keys, 1, size, StoreMode.IF_ABSENT)).keys();
      }
      case LOAD -> Ops.load(a, keys, Ops.poisoned(a, keys.size(), size)).keys();
      case DELETE -> Ops.delete(a, keys).keys();
      case LOOKUP -> throw new IllegalArgumentException("lookups may need no storage");
    };
  }

  /** How the failure is to be counted, such as {@code store EIO}. */
  static String name(Stall.Call call, L2Error error) {
    String way = error.nativeCode().isEmpty() ? error.code().name() : error.nativeCode();
    return call.name().toLowerCase(Locale.ROOT) + " " + way;
  }
}

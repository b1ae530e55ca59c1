// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreResult;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a request must have done, for all of its keys; failures begin with the rule that the caller
 * names.
 */
final class Expect {

  private Expect() {}

  /** Every key of a store had this outcome. */
  static void stored(String rule, List<ObjectKey> keys, StoreResult result, StoreOutcome outcome) {
    stored(rule, keys, result, key -> outcome);
  }

  /** Every key of a store had its outcome, and there is one for each. */
  static void stored(
      String rule,
      List<ObjectKey> keys,
      StoreResult result,
      Function<ObjectKey, StoreOutcome> outcome) {
    count(rule + ": a store", keys, result.size());
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i))
          .as("%s: store of %s; error %s", at(rule, keys, i), keys.get(i), result.error(i))
          .isEqualTo(outcome.apply(keys.get(i)));
    }
  }

  /** Every key of a store failed with this code. */
  static void failed(String rule, List<ObjectKey> keys, StoreResult result, L2ErrorCode code) {
    stored(rule, keys, result, StoreOutcome.FAILED);
    errors(rule + ": store of ", keys, result::error, code);
  }

  /** Every key of a load had its outcome, and there is one for each. */
  static void loaded(
      String rule,
      List<ObjectKey> keys,
      LoadResult result,
      Function<ObjectKey, LoadOutcome> outcome) {
    count(rule + ": a load", keys, result.size());
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i))
          .as("%s: load of %s; error %s", at(rule, keys, i), keys.get(i), result.error(i))
          .isEqualTo(outcome.apply(keys.get(i)));
    }
  }

  /** Every key of a delete had its outcome, and there is one for each. */
  static void deleted(
      String rule,
      List<ObjectKey> keys,
      DeleteResult result,
      Function<ObjectKey, DeleteOutcome> outcome) {
    count(rule + ": a delete", keys, result.size());
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i))
          .as("%s: delete of %s; error %s", at(rule, keys, i), keys.get(i), result.error(i))
          .isEqualTo(outcome.apply(keys.get(i)));
    }
  }

  /** Every key of a delete had this outcome. */
  static void deleted(
      String rule, List<ObjectKey> keys, DeleteResult result, DeleteOutcome outcome) {
    deleted(rule, keys, result, key -> outcome);
  }

  /** The adapter declines deletes: asked for one, it says so and leaves the objects alone. */
  static void deleteDeclined(AdapterUnderTest a, List<ObjectKey> keys, int version, int size) {
    DeleteResult result = Ops.delete(a, keys);
    deleted("LIMIT-4", keys, result, DeleteOutcome.FAILED);
    errors("LIMIT-4: delete of ", keys, result::error, L2ErrorCode.DECLINED);
    there("LIMIT-4", a, keys, version, size);
  }

  /** The adapter declines listings: asked for one, it says so. */
  static void listDeclined(AdapterUnderTest a) {
    KeyPage page = a.await("a listing", a.adapter().list(new ListRequest(a.model(), 10, null)));
    Ops.assertError("LIMIT-4: a listing of " + a.model(), page.error(), L2ErrorCode.DECLINED);
    assertThat(page.entries()).as("LIMIT-4: entries of a declined listing").isEmpty();
    assertThat(page.nextCursor()).as("LIMIT-4: cursor of a declined listing").isNull();
  }

  /** All keys are found, and load with this version's bytes, all in one request. */
  static void there(String rule, AdapterUnderTest a, List<ObjectKey> keys, int version, int size) {
    hits(rule, a, keys, true);
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), size);
    loaded(rule, keys, Ops.load(a, keys, into), key -> LoadOutcome.LOADED);
    for (int i = 0; i < keys.size(); i++) {
      TestMemory.assertHolds(into.get(i), keys.get(i), version);
    }
  }

  /** None of the keys is found or loads. */
  static void absent(String rule, AdapterUnderTest a, List<ObjectKey> keys) {
    hits(rule, a, keys, false);
    List<MemoryObject> into = Ops.poisoned(a, keys.size(), 1);
    loaded(rule, keys, Ops.load(a, keys, into), key -> LoadOutcome.NOT_FOUND);
  }

  private static void hits(String rule, AdapterUnderTest a, List<ObjectKey> keys, boolean hit) {
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, false)) {
      hits(rule, keys, lease, key -> hit);
    }
  }

  /** Every key of a lookup is a hit or not, as it must be, and there is an answer for each. */
  static void hits(String rule, List<ObjectKey> keys, LookupLease lease, Predicate<ObjectKey> hit) {
    count(rule + ": a lookup", keys, lease.size());
    for (int i = 0; i < keys.size(); i++) {
      assertThat(lease.hit(i))
          .as("%s: lookup of %s is a hit; error %s", at(rule, keys, i), keys.get(i), lease.error(i))
          .isEqualTo(hit.test(keys.get(i)));
      assertThat(lease.error(i))
          .as("%s: error of the lookup of %s", at(rule, keys, i), keys.get(i))
          .isNull();
    }
  }

  private static void errors(
      String what, List<ObjectKey> keys, IntFunction<@Nullable L2Error> error, L2ErrorCode code) {
    for (int i = 0; i < keys.size(); i++) {
      Ops.assertError(what + keys.get(i), error.apply(i), code);
    }
  }

  private static void count(String what, List<ObjectKey> keys, int answers) {
    assertThat(answers).as("%s of %d keys: answers", what, keys.size()).isEqualTo(keys.size());
  }

  private static String at(String rule, List<ObjectKey> keys, int i) {
    return rule + ", key " + (i + 1) + " of " + keys.size();
  }
}

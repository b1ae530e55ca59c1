// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Retry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** A request's keys, taken apart into those that fail and the rest, and their results merged. */
final class Split {

  private final List<ObjectKey> keys;
  private final BitSet failing = new BitSet();

  Split(List<ObjectKey> keys, Predicate<ObjectKey> fails) {
    this.keys = keys;
    for (int i = 0; i < keys.size(); i++) {
      failing.set(i, fails.test(keys.get(i)));
    }
  }

  boolean fails(int i) {
    return failing.get(i);
  }

  /** The position of the first key that fails; the number of keys if none does. */
  int firstFailing() {
    int first = failing.nextSetBit(0);
    return first < 0 ? keys.size() : first;
  }

  /** Of one thing for each key, those of the keys that do not fail. */
  <T> List<T> rest(List<T> ofAll) {
    List<T> rest = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      if (!fails(i)) {
        rest.add(ofAll.get(i));
      }
    }
    return rest;
  }

  /** The results of all keys, from those of the rest. */
  <O extends Enum<O>> List<KeyResult<O>> merge(
      List<KeyResult<O>> ofRest, Function<ObjectKey, KeyResult<O>> failed) {
    Iterator<KeyResult<O>> next = ofRest.iterator();
    List<KeyResult<O>> all = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      all.add(fails(i) ? failed.apply(keys.get(i)) : next.next());
    }
    return all;
  }

  /** The error of a key that was chosen to fail. */
  static L2Error fault(String operation, String field, ObjectKey key) {
    return new L2Error(
        L2ErrorCode.IO,
        Retry.LATER,
        "INJECTED",
        operation + " " + key + ": fault_inject chose it by " + field);
  }
}

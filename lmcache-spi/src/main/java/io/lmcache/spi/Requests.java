// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** The rules that every request keeps, checked where it is made: it has keys, and none twice. */
final class Requests {

  private Requests() {}

  static <T> List<T> checked(List<T> items, Function<T, ObjectKey> keyOf) {
    List<T> copy = List.copyOf(items);
    if (copy.isEmpty()) {
      throw new IllegalArgumentException("a request needs at least one key");
    }
    Set<ObjectKey> seen = new HashSet<>(copy.size() * 2);
    for (T item : copy) {
      ObjectKey key = Objects.requireNonNull(keyOf.apply(item), "key");
      if (!seen.add(key)) {
        throw new IllegalArgumentException("the key occurs twice in one request: " + key);
      }
    }
    return copy;
  }
}

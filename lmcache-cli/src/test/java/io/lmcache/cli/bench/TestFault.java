// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import java.util.Locale;

/** What the adapter in memory does wrong. */
enum TestFault {
  NONE,
  STORE_FAILS,
  STORE_DROPS,
  STORE_HANGS,
  STORE_THROWS,
  STORE_BREAKS,
  STORE_ANSWERS_NOTHING,
  LOOKUP_LIES_HIT,
  LOOKUP_LIES_MISS,
  LOOKUP_FAILS,
  LOOKUP_WRONG_SIZE,
  LOAD_FLIPS_BIT,
  LOAD_MISSES,
  LOAD_FAILS,
  LOAD_WRITES_NOTHING,
  DELETE_FAILS,
  DELETE_DECLINED,
  SMALL_LIMITS,
  WIDE_UNIT,
  FALLS_BACK,
  OPEN_FAILS,
  OPEN_WAITS,
  OPEN_REFUSES;

  static TestFault of(String name) {
    return name.isEmpty() ? NONE : valueOf(name.toUpperCase(Locale.ROOT));
  }
}

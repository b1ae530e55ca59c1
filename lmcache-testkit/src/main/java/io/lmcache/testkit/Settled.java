// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.L2Adapter;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What an adapter says once nothing moves any more. */
final class Settled {

  private Settled() {}

  /** Usage once the objects of earlier runs are counted, for comparing with later. */
  static AdapterUsage usage(AdapterUnderTest a) {
    L2Adapter adapter = a.adapter();
    a.await(
        "REOPEN-2: usage() without \"recovering\"; at open " + a.current().atOpen(),
        () -> !adapter.usage().recovering());
    return adapter.usage();
  }

  /** What is there that was not there before, when nothing more is or the patience is over. */
  static List<String> added(
      AdapterUnderTest a,
      String what,
      Map<String, String> before,
      Supplier<Map<String, String>> now) {
    return Waiting.untilNone(() -> ProcessWatch.added(what, before, now.get()), a.patience());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.L2Adapter;

/** What an adapter says once nothing moves any more. */
final class Settled {

  private Settled() {}

  /** Usage once the objects of earlier runs are counted, for comparing with later. */
  static AdapterUsage usage(AdapterUnderTest a) {
    L2Adapter adapter = a.adapter();
    a.await("REOPEN-2: usage() without \"recovering\"", () -> !adapter.usage().recovering());
    return adapter.usage();
  }
}

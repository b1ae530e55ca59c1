// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.AdapterUsage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One adapter that was opened.
 *
 * @param raw the adapter itself
 * @param tracked the same, with its stages watched
 * @param context what it was given
 * @param events what its listener heard
 * @param atOpen its usage when it was open
 */
record Instance(
    L2Adapter raw,
    TrackedAdapter tracked,
    TestContext context,
    RecordingListener events,
    AdapterUsage atOpen) {

  private static void require(String what, @Nullable Object value) {
    if (value == null) {
      throw new AssertionError(what + " null");
    }
  }

  static Instance open(
      L2AdapterContract contract,
      AdapterSpec spec,
      TestClock clock,
      StorageStall stall,
      boolean examination)
      throws L2ConfigException, IOException {
    RecordingListener events = new RecordingListener();
    TestContext context = new TestContext(spec, clock, events, stall, examination);
    L2Adapter raw;
    try {
      raw = contract.open(spec, context);
      require("CONFIG-1: open() returned", raw);
      require("LIMIT-3: limits() returned", raw.limits());
      require("STATUS-1: status() returned", raw.status());
      require("USAGE-1: usage() returned", raw.usage());
    } catch (L2ConfigException | IOException | RuntimeException | Error e) {
      context.close();
      throw e;
    }
    events.watch(raw::usage);
    return new Instance(raw, new TrackedAdapter(raw), context, events, raw.usage());
  }
}

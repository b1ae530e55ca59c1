// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.DirectModesProgram.must;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One object of {@link DirectModesProgram}: a store, a load, and what should become of them. */
final class DirectModesCase {

  private static final int MARGIN = 4096;
  private static final byte CANARY = 0x5C;
  private static final List<String> COUNTERS =
      List.of("direct_%s", "odirect_fallback_length", "odirect_fallback_fs");

  private final Engine engine;
  private final FileAdapter adapter;
  private final String mode;
  private final int length;
  private final int skew;
  private final int physical;

  DirectModesCase(
      Engine engine, FileAdapter adapter, String mode, int length, int skew, boolean padded) {
    this.engine = engine;
    this.adapter = adapter;
    this.mode = mode;
    this.length = length;
    this.skew = skew;
    this.physical = padded ? (length + MARGIN - 1) / MARGIN * MARGIN : length;
  }

  /** Which way the object should go, by the words of the rules. */
  private String way() {
    if (mode.equals("false") || length == 0) {
      return "uncounted";
    }
    if (detail("odirect").contains("effective=false")) {
      return "odirect_fallback_fs";
    }
    AdapterLimits limits = adapter.adapter().limits();
    int unit = limits.lengthAlignment();
    if (length % unit != 0 && physical < (length + unit - 1) / unit * unit) {
      return mode.equals("true") ? "odirect_fallback_length" : "length refused";
    }
    return skew % limits.memoryAlignment() == 0 ? "direct_%s" : "address refused";
  }

  void run(int n, FileAdapter buffered, Map<String, Integer> seen) {
    String way = way();
    boolean moves = !way.endsWith("refused");
    ObjectKey stored = Content.key("stored", n);
    Map<String, Long> before = counters("stores");
    MemoryObject from = memory();
    from.buffer().put(Content.of(stored, 1, length).buffer());
    StoreOutcome outcome = DirectModesProgram.store(adapter, stored, from);
    must(outcome == (moves ? StoreOutcome.STORED : StoreOutcome.FAILED), this + ": " + outcome);
    assertCounted(before, "stores", way);
    if (moves) {
      DirectModesProgram.mustLoad(buffered, stored, length);
      must(buffered.delete(stored) == DeleteOutcome.DELETED, stored);
    }

    ObjectKey there = Content.key("there", n);
    must(buffered.store(there, 1, length, StoreMode.IF_ABSENT) == StoreOutcome.STORED, there);
    before = counters("loads");
    MemoryObject into = memory();
    LoadOutcome loaded = adapter.load(there, into);
    must(loaded == (moves ? LoadOutcome.LOADED : LoadOutcome.FAILED), this + ": " + loaded);
    must(!moves || Content.holds(into, there, 1), this + ": wrong bytes");
    assertMarginsAreWhole();
    assertCounted(before, "loads", way);
    must(buffered.delete(there) == DeleteOutcome.DELETED, there);
    seen.merge(way.replace("direct_%s", "direct"), 1, Integer::sum);
  }

  private ByteBuffer whole = ByteBuffer.allocate(0);

  /** Poisoned, between margins of something else. */
  private MemoryObject memory() {
    whole =
        ByteBuffer.allocateDirect(physical + skew + 4 * MARGIN)
            .alignedSlice(MARGIN)
            .limit(physical + skew + 2 * MARGIN);
    for (int i = 0; i < whole.limit(); i++) {
      whole.put(i, CANARY);
    }
    MemoryObject object = MemoryObject.padded(whole.slice(MARGIN + skew, physical), length);
    Content.poison(object);
    return object;
  }

  private void assertMarginsAreWhole() {
    for (int i = 0; i < whole.limit(); i++) {
      if (i == MARGIN + skew) {
        i += physical;
      }
      must(whole.get(i) == CANARY, this + ": byte " + (i - MARGIN - skew) + " was touched");
    }
  }

  private String detail(String name) {
    return String.valueOf(adapter.adapter().status().details().get(name));
  }

  private Map<String, Long> counters(String what) {
    Map<String, Long> counters = new TreeMap<>();
    for (String counter : COUNTERS) {
      counters.put(counter, Long.valueOf(detail(counter.formatted(what))));
    }
    return counters;
  }

  private void assertCounted(Map<String, Long> before, String what, String way) {
    Map<String, Long> expected = new TreeMap<>(before);
    expected.computeIfPresent(way, (name, count) -> count + 1);
    Map<String, Long> now = counters(what);
    must(now.equals(expected), this + ": " + what + " " + before + " -> " + now);
  }

  @Override
  public String toString() {
    return engine + " " + mode + ", length " + length + " of " + physical + " at skew " + skew;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.DirectMatrix.check;
import static java.util.Objects.requireNonNull;

import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.UnsupportedKeyException;
import io.lmcache.l2.fs.jni.DirectCase.Fault;
import io.lmcache.l2.fs.jni.DirectExpectation.Step;
import io.lmcache.l2.fs.jni.DirectExpectation.Way;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs cases of the O_DIRECT matrix in one adapter: the store, under its fault; if that failed,
 * once more in a way that must do, so that the load under its fault always has a file.
 *
 * <p>One thread; every stage is waited for, with a time limit that only detects a hang.
 */
final class DirectRun {

  private static final Map<Way, String> COUNTERS =
      new EnumMap<>(
          Map.of(
              Way.FALLBACK_LENGTH, "odirect_fallback_length",
              Way.FALLBACK_FS, "odirect_fallback_fs",
              Way.FALLBACK_ERRNO, "odirect_fallback_errno"));
  private static final Pattern ADDRESS =
      Pattern.compile(
          "O_DIRECT buffer address 0x([0-9a-f]+) is not aligned to (\\d+) bytes;"
              + " raise --l1-align-bytes");

  private static final Pattern MOVE = Pattern.compile("(?m)^p(?:read|write) (\\d+)@(\\d+)$");

  private final L2Adapter adapter;
  private final Path base;
  private final int memory;
  private final int unit;
  private final Map<String, Integer> covered;
  private final DirectMemory stored = new DirectMemory();
  private final DirectMemory loaded = new DirectMemory();
  private int next;

  /**
   * Runs nothing yet.
   *
   * @param memory what the kernel wants addresses to be multiples of
   * @param unit what it wants lengths to be multiples of
   * @param covered what to count in
   */
  DirectRun(L2Adapter adapter, Path base, int memory, int unit, Map<String, Integer> covered) {
    this.adapter = adapter;
    this.base = base;
    this.memory = memory;
    this.unit = unit;
    this.covered = covered;
  }

  void run(DirectCase one) throws IOException, UnsupportedKeyException {
    DirectExpectation expected = DirectExpectation.of(one, memory, unit);
    ObjectKey key = TestObjects.key(next++);
    Path file = base.resolve(ObjectFileNames.encode(key));
    DirectCase held = one;
    Way way = expected.store().way();
    store(one, key, file, expected.store(), "STORE_");
    if (!way.moves()) {
      checkFiles(null);
      held = expected.plain().moves() ? one.undisturbed() : one.fitting();
      Step again = DirectExpectation.of(held, memory, unit).store();
      way = again.way();
      store(held, key, file, again, "STORE_AGAIN_");
    }
    checkResident(one, file, way == Way.DIRECT);
    load(one, key, file, expected.load());
    checkResident(one, file, way == Way.DIRECT && expected.load().way() == Way.DIRECT);
    checkFiles(file);
    stored.checkFile(held, key, file);
    checkSeesPages(one, file);
    countFaults(one, expected);
    check(TestObjects.delete(adapter, List.of(key)).error(0) == null, "deleted");
  }

  private void store(DirectCase one, ObjectKey key, Path file, Step expected, String what) {
    stored.fill(one, key);
    Map<String, Long> before = counters();
    NativeSeam.startTrace();
    DirectFaults.planForStore(one.fault());
    StoreResult store =
        TestObjects.await(
            adapter.store(StoreRequest.of(List.of(new StoreItem(key, stored.object(one))))));
    Way way = expected.way();
    check(
        (store.outcome(0) == StoreOutcome.STORED) == way.moves(),
        "store must end " + way + ", was " + store);
    checkSeam(one, expected, "create");
    checkError(way, store.error(0), one, file);
    checkCounters(before, way, "direct_stores");
    stored.checkCanaries(one);
    stored.checkOnlyRead(one, key);
    count(what + way);
  }

  private void load(DirectCase one, ObjectKey key, Path file, Step expected) {
    loaded.poison(one);
    Map<String, Long> before = counters();
    NativeSeam.startTrace();
    DirectFaults.planForLoad(one.fault());
    LoadResult load =
        TestObjects.await(
            adapter.load(LoadRequest.of(List.of(LoadItem.of(key, loaded.object(one))))));
    Way way = expected.way();
    check(
        (load.outcome(0) == LoadOutcome.LOADED) == way.moves(),
        "load must end " + way + ", was " + load);
    checkSeam(one, expected, "open");
    checkError(way, load.error(0), one, file);
    checkCounters(before, way, "direct_loads");
    loaded.checkCanaries(one);
    if (way.moves()) {
      loaded.checkContent(one, key);
    } else {
      loaded.checkPoisoned(one);
    }
    count("LOAD_" + way);
  }

  /**
   * The faults that should came, the file was opened as it should be, as often as that, and moved
   * as far as that.
   */
  private void checkSeam(DirectCase one, Step expected, String call) {
    int fired = NativeSeam.fired();
    boolean waiting = NativeSeam.hasFaults();
    String trace = NativeSeam.takeTrace();
    NativeSeam.reset();
    check(fired == expected.fired(), fired + " faults came, expected " + expected.fired());
    check(fired == 0 || !waiting, "faults that did not come, beside those that did");
    List<String> calls = expected.opens().stream().map(how -> call + how).toList();
    List<String> opens = trace.lines().filter(line -> line.matches("(create|open).*")).toList();
    check(opens.equals(calls), "opened as " + opens + ", expected " + calls);
    long end = MOVE.matcher(trace).results().mapToLong(DirectRun::end).max().orElse(0);
    long wanted = DirectExpectation.end(one, expected.way(), unit);
    check(end == wanted || wanted < 0, "moved up to byte " + end + ", expected " + wanted);
  }

  private static long end(MatchResult move) {
    return Long.parseLong(move.group(1)) + Long.parseLong(move.group(2));
  }

  private void checkError(Way way, @Nullable L2Error error, DirectCase one, Path file) {
    if (way.moves()) {
      check(error == null, "no error: " + error);
      return;
    }
    String text = requireNonNull(error).text();
    check(text.contains(file.toString()), text);
    boolean right =
        switch (way) {
          case REFUSED_ADDRESS -> namesAddress(text, one);
          case REFUSED_LENGTH ->
              text.contains("length " + one.length() + " is not a multiple of " + unit + " ")
                  && text.contains("\"require\"");
          case REFUSED_ERRNO ->
              text.contains("refuses O_DIRECT")
                  && text.contains("(EINVAL)")
                  && text.contains("\"require\"");
          default -> text.contains("(" + DirectFaults.errno(one.fault()) + ")");
        };
    check(right, text);
    String errno = way == Way.FAILED ? DirectFaults.errno(one.fault()) : "EINVAL";
    check(error.nativeCode().equals(errno), error.toString());
    L2ErrorCode code =
        way != Way.FAILED
            ? L2ErrorCode.MISALIGNED
            : errno.equals("EINVAL") ? L2ErrorCode.IO : L2ErrorCode.NO_SPACE;
    check(error.code() == code, error.toString());
  }

  /** Buffers begin as far behind a page as the case says. */
  private boolean namesAddress(String text, DirectCase one) {
    Matcher found = ADDRESS.matcher(text);
    return found.find()
        && Long.parseLong(found.group(1), 16) % DirectCase.PAGE == one.skew()
        && Integer.parseInt(found.group(2)) == memory;
  }

  private Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    for (String name : List.of("direct_stores", "direct_loads")) {
      counters.put(name, FieldEffects.counter(adapter, name));
    }
    for (String name : COUNTERS.values()) {
      counters.put(name, FieldEffects.counter(adapter, name));
    }
    return counters;
  }

  private void checkCounters(Map<String, Long> before, Way way, String direct) {
    Map<String, Long> expected = new TreeMap<>(before);
    String name = way == Way.DIRECT ? direct : COUNTERS.get(way);
    if (name != null) {
      expected.merge(name, 1L, Long::sum);
    }
    Map<String, Long> after = counters();
    check(after.equals(expected), "counters " + after + ", expected " + expected);
  }

  /**
   * Where all was direct, nothing is in the page cache but, at most, the page that a file of no
   * whole units was cut in. That pages can be seen at all is shown by {@link #checkSeesPages}.
   */
  private void checkResident(DirectCase one, Path file, boolean allDirect) {
    if (!allDirect) {
      return;
    }
    int allowed = DirectExpectation.residentPages(one, unit);
    long resident = resident(file, one.length());
    long before = resident(file, one.length() / DirectCase.PAGE * DirectCase.PAGE);
    check(
        resident >= 0 && resident <= allowed && before == 0,
        resident + " pages in the page cache, " + before + " of them before the last");
    count(allowed == 0 ? "RESIDENCY_NO_PAGE" : "RESIDENCY_TAIL_PAGE");
  }

  /** After a file was read through the page cache it is there. */
  private void checkSeesPages(DirectCase one, Path file) {
    if (one.fileSystem().direct() && one.length() > 0) {
      check(resident(file, one.length()) > 0, "no pages of a file that was just read are seen");
      count("RESIDENCY_SEEN");
    }
  }

  private static long resident(Path file, int length) {
    return NativeSeam.residentPages(file.toString(), length);
  }

  private void checkFiles(@Nullable Path only) throws IOException {
    try (Stream<Path> files = Files.list(base)) {
      List<Path> left = files.filter(f -> !f.endsWith(".lmcache") && !f.equals(only)).toList();
      check(left.isEmpty(), "files that should not be: " + left);
    }
    check(only == null || Files.exists(only), "the object's file is gone");
  }

  private void countFaults(DirectCase one, DirectExpectation expected) {
    if (one.fault() == Fault.NONE) {
      return;
    }
    if (expected.store().fired() > 0) {
      count("FIRED_STORE_" + one.fault());
    }
    if (expected.load().fired() > 0) {
      count("FIRED_LOAD_" + one.fault());
    }
    boolean fired = expected.store().fired() > 0 || expected.load().fired() > 0;
    count(fired ? "CASES_FAULT_CAME" : "CASES_FAULT_CANNOT_" + expected.whyNoFault(one));
  }

  private void count(String what) {
    covered.merge(what, 1, Integer::sum);
  }
}

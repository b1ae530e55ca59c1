// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static java.util.Objects.requireNonNull;

import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.jni.DirectCase.Fault;
import io.lmcache.l2.fs.jni.DirectCase.FileSystem;
import io.lmcache.l2.fs.jni.DirectExpectation.Way;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs cases of the O_DIRECT matrix on mounted file systems, and writes down what is wrong.
 *
 * <p>One thread; every stage is waited for, with a time limit that only detects a hang.
 */
final class DirectMatrix {

  private static final int EINTR = 4;
  private static final int EINVAL = 22;
  private static final int ENOSPC = 28;
  private static final int EDQUOT = 122;
  private static final List<String> COUNTERS =
      List.of(
          "direct_stores",
          "direct_loads",
          "odirect_fallback_length",
          "odirect_fallback_fs",
          "odirect_fallback_errno");

  private final Path mounts;
  private final DirectMemory stored = new DirectMemory();
  private final DirectMemory loaded = new DirectMemory();
  private final Map<String, Integer> ways = new TreeMap<>();
  private int residencyChecks;
  private int next;

  DirectMatrix(Path mounts) {
    this.mounts = mounts;
  }

  /** What was covered: how often a store or load ended in which way, and how often faults came. */
  Map<String, Integer> covered() {
    ways.put("RESIDENCY_CHECKS", residencyChecks);
    return ways;
  }

  /** Runs cases of one file system and mode in one adapter; throws at the first that is wrong. */
  void run(FileSystem fileSystem, UseOdirect mode, List<DirectCase> cases) throws Exception {
    Path base = mounts.resolve(fileSystem.name()).resolve("l2 " + mode);
    FsNativeConfig config = FsNativeConfigs.at(base).workers(2).direct(mode).build();
    if (!cases.get(0).opens()) {
      for (int i = 0; i < cases.size(); i++) {
        mustNotOpen(config);
      }
      return;
    }
    try (TestContextClose context = new TestContextClose();
        L2Adapter adapter =
            new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context.get())) {
      checkStatus(adapter, fileSystem, mode);
      for (DirectCase one : cases) {
        try {
          run(one, adapter, base);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(one + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private void mustNotOpen(FsNativeConfig config) throws Exception {
    try (TestContextClose context = new TestContextClose();
        L2Adapter adapter =
            new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context.get())) {
      throw new AssertionError("must not open: " + config + " " + adapter.status());
    } catch (IOException e) {
      check(
          String.valueOf(e.getMessage()).contains("\"use_odirect\": \"require\", but O_DIRECT"),
          "the reason: " + e.getMessage());
      count("REFUSED_AT_OPEN");
    }
    try (Stream<Path> left = Files.list(config.basePath())) {
      check(left.allMatch(file -> file.endsWith(".lmcache")), "files left by a failed open");
    }
  }

  private static void checkStatus(L2Adapter adapter, FileSystem fileSystem, UseOdirect mode) {
    String odirect = requireNonNull(adapter.status().details().get("odirect"));
    String expected =
        mode == UseOdirect.OFF
            ? "requested=false"
            : "requested=" + mode.requested() + " effective=" + fileSystem.direct();
    check(odirect.startsWith(expected), odirect);
    if (mode == UseOdirect.ON && !fileSystem.direct()) {
      String reason = fileSystem == FileSystem.RAMFS ? "EINVAL" : "cached";
      check(odirect.contains("reason=" + reason), odirect);
    }
    if (mode != UseOdirect.OFF && fileSystem.direct()) {
      int unit = fileSystem == FileSystem.EXT4_4096 ? 4096 : 512;
      check(adapter.limits().lengthAlignment() == unit, adapter.limits() + " on " + fileSystem);
    }
  }

  private void run(DirectCase one, L2Adapter adapter, Path base) throws Exception {
    int memory = adapter.limits().memoryAlignment();
    int unit = adapter.limits().lengthAlignment();
    DirectExpectation expected = DirectExpectation.of(one, memory, unit);
    ObjectKey key = TestObjects.key(next++);
    Path file = base.resolve(ObjectFileNames.encode(key));

    stored.fill(one, key);
    Map<String, Long> before = counters(adapter);
    faultsOfStore(one.fault());
    MemoryObject from = stored.object(one);
    StoreResult store =
        TestObjects.await(
            adapter.store(
                new StoreRequest(
                    List.of(new StoreItem(key, from)), StoreMode.IF_ABSENT, Options.DEFAULT)));
    NativeSeam.reset();
    check(
        (store.outcome(0) == StoreOutcome.STORED) == expected.store().moves(),
        "store must end " + expected.store() + ", was " + store);
    checkError(expected.store(), store.error(0), one, memory);
    checkCounters(before, counters(adapter), expected.store(), "direct_stores");
    stored.checkCanaries(one);
    count("STORE_" + expected.store());
    if (!expected.store().moves()) {
      checkFiles(base, null);
      return;
    }
    boolean direct = expected.store() == Way.DIRECT;
    checkResident(one, file, direct);
    load(one, adapter, key, expected.load(), memory, file, direct);
    checkFiles(base, file);
    stored.checkFile(one, key, file);
    check(TestObjects.delete(adapter, List.of(key)).error(0) == null, "deleted");
  }

  private void load(
      DirectCase one,
      L2Adapter adapter,
      ObjectKey key,
      Way expected,
      int memory,
      Path file,
      boolean storedDirect)
      throws Exception {
    Map<String, Long> before = counters(adapter);
    loaded.poison(one);
    faultsOfLoad(one.fault());
    LoadResult load =
        TestObjects.await(
            adapter.load(LoadRequest.of(List.of(LoadItem.of(key, loaded.object(one))))));
    NativeSeam.reset();
    check(
        (load.outcome(0) == LoadOutcome.LOADED) == expected.moves(),
        "load must end " + expected + ", was " + load);
    checkError(expected, load.error(0), one, memory);
    checkCounters(before, counters(adapter), expected, "direct_loads");
    loaded.checkCanaries(one);
    if (expected.moves()) {
      loaded.checkContent(one, key);
    }
    checkResident(one, file, storedDirect && expected == Way.DIRECT);
    count("LOAD_" + expected);
  }

  private static void faultsOfStore(Fault fault) {
    switch (fault) {
      case EINVAL_AT_OPEN -> NativeSeam.fail(NativeSeam.CREATE, 1, EINVAL);
      case EINVAL_AT_WRITE -> NativeSeam.fail(NativeSeam.WRITE, 1, EINVAL);
      case SHORT -> NativeSeam.shorten(NativeSeam.WRITE, 1, 512);
      case EINTR -> NativeSeam.fail(NativeSeam.WRITE, 1, EINTR);
      case ENOSPC_MID_FILE -> {
        NativeSeam.shorten(NativeSeam.WRITE, 1, 4096);
        NativeSeam.fail(NativeSeam.WRITE, 2, ENOSPC);
      }
      case EDQUOT_AT_CLOSE -> NativeSeam.fail(NativeSeam.CLOSE, 1, EDQUOT);
      case NONE, EINVAL_AT_READ -> {}
    }
  }

  private static void faultsOfLoad(Fault fault) {
    switch (fault) {
      case EINVAL_AT_OPEN -> NativeSeam.fail(NativeSeam.OPEN, 1, EINVAL);
      case EINVAL_AT_READ -> NativeSeam.fail(NativeSeam.READ, 1, EINVAL);
      case SHORT -> NativeSeam.shorten(NativeSeam.READ, 1, 512);
      case EINTR -> NativeSeam.fail(NativeSeam.READ, 1, EINTR);
      case NONE, EINVAL_AT_WRITE, ENOSPC_MID_FILE, EDQUOT_AT_CLOSE -> {}
    }
  }

  private static void checkError(Way way, @Nullable L2Error error, DirectCase one, int memory) {
    if (way.moves()) {
      check(error == null, "no error: " + error);
      return;
    }
    String text = requireNonNull(error).text();
    if (way == Way.FAILED) {
      check(!error.nativeCode().isEmpty() && text.contains(error.nativeCode()), text);
      return;
    }
    boolean address = one.skew() % memory != 0 && text.contains("is not aligned to " + memory);
    boolean length = text.contains("is not a multiple of");
    boolean refusal = text.contains("refuses O_DIRECT");
    check(error.nativeCode().equals("EINVAL") && (address || length || refusal), text);
  }

  private static Map<String, Long> counters(L2Adapter adapter) {
    Map<String, String> details = adapter.status().details();
    Map<String, Long> counters = new TreeMap<>();
    for (String name : COUNTERS) {
      counters.put(name, Long.valueOf(requireNonNull(details.get(name))));
    }
    return counters;
  }

  private static void checkCounters(
      Map<String, Long> before, Map<String, Long> after, Way way, String direct) {
    Map<Way, String> names = new EnumMap<>(Way.class);
    names.put(Way.DIRECT, direct);
    names.put(Way.FALLBACK_LENGTH, "odirect_fallback_length");
    names.put(Way.FALLBACK_FS, "odirect_fallback_fs");
    names.put(Way.FALLBACK_ERRNO, "odirect_fallback_errno");
    Map<String, Long> expected = new TreeMap<>(before);
    String name = names.get(way);
    if (name != null) {
      expected.merge(name, 1L, Long::sum);
    }
    check(after.equals(expected), "counters " + after + ", expected " + expected);
  }

  /** Where all was direct, only the page that a file was cut in may be in the page cache. */
  private void checkResident(DirectCase one, Path file, boolean allDirect) {
    if (allDirect) {
      long resident = NativeSeam.residentPages(file.toString(), one.length());
      check(resident <= 1, resident + " pages in the page cache");
      residencyChecks++;
    }
  }

  private static void checkFiles(Path base, @Nullable Path only) throws IOException {
    try (Stream<Path> files = Files.list(base)) {
      List<Path> left = files.filter(f -> !f.endsWith(".lmcache") && !f.equals(only)).toList();
      check(left.isEmpty(), "files that should not be: " + left);
    }
    check(only == null || Files.exists(only), "the object's file is gone");
  }

  private void count(String way) {
    ways.merge(way, 1, Integer::sum);
  }

  static void check(boolean right, String otherwise) {
    if (!right) {
      throw new AssertionError(otherwise);
    }
  }

  /** A context whose threads have ended when it is closed. */
  private static final class TestContextClose implements AutoCloseable {
    private final TestContext context = new TestContext();

    TestContext get() {
      return context;
    }

    @Override
    public void close() {
      while (!context.liveThreads().isEmpty()) {
        Thread.onSpinWait();
      }
    }
  }

  /** Memory for objects at any skew, with canaries before and behind. */
  private static final class DirectMemory {
    private static final int CANARY = DirectCase.PAGE;
    private static final byte CANARY_BYTE = 0x5C;

    private final ByteBuffer all =
        ByteBuffer.allocateDirect(DirectCase.LARGE + 4 * DirectCase.PAGE)
            .alignedSlice(DirectCase.PAGE);

    private int begin(DirectCase one) {
      return CANARY + one.skew();
    }

    MemoryObject object(DirectCase one) {
      return MemoryObject.padded(all.slice(begin(one), one.physical()), one.length());
    }

    void fill(DirectCase one, ObjectKey key) {
      surround(one);
      for (int i = 0; i < one.length(); i++) {
        all.put(begin(one) + i, TestObjects.expected(key, 1, i));
      }
    }

    void poison(DirectCase one) {
      surround(one);
      for (int i = 0; i < one.physical(); i++) {
        all.put(begin(one) + i, (byte) 0xA5);
      }
    }

    private void surround(DirectCase one) {
      for (int i = 0; i < begin(one); i++) {
        all.put(i, CANARY_BYTE);
      }
      for (int i = 0; i < CANARY; i++) {
        all.put(begin(one) + one.physical() + i, CANARY_BYTE);
      }
    }

    void checkCanaries(DirectCase one) {
      for (int i = 0; i < begin(one); i++) {
        check(all.get(i) == CANARY_BYTE, "canary before the buffer at " + i);
      }
      for (int i = 0; i < CANARY; i++) {
        check(all.get(begin(one) + one.physical() + i) == CANARY_BYTE, "canary behind at " + i);
      }
    }

    void checkContent(DirectCase one, ObjectKey key) {
      for (int i = 0; i < one.length(); i++) {
        if (all.get(begin(one) + i) != TestObjects.expected(key, 1, i)) {
          throw new AssertionError("byte " + i + " of " + one.length());
        }
      }
    }

    void checkFile(DirectCase one, ObjectKey key, Path file) throws IOException {
      ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
      check(
          content.remaining() == one.length(),
          "the file has " + content.remaining() + " bytes, the object " + one.length());
      check(
          content.equals(all.slice(begin(one), one.length())),
          "the file holds other bytes than " + key);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lmcache.l2.fs.UseOdirect;
import io.lmcache.l2.fs.jni.DirectCase.FileSystem;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The O_DIRECT matrix on mounted file systems: opens the adapters, checks what they say of
 * themselves, and has {@link DirectRun} run the cases. Throws at the first thing that is wrong.
 *
 * <p>One thread; that threads end is waited for.
 */
final class DirectMatrix {

  /** What the kernel is taken to want where it does not say: 4096 for both. */
  private static final long UNKNOWN = 4096L << 32 | 4096;

  private static final int ENODATA = 61;

  private final Path mounts;
  private final Map<String, Integer> covered = new TreeMap<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  DirectMatrix(Path mounts) {
    this.mounts = mounts;
    Logger logger = (Logger) LoggerFactory.getLogger(LMCacheFSClient.class);
    logger.setAdditive(false);
    logger.addAppender(log);
    log.start();
  }

  /** What was covered, by what it is. */
  Map<String, Integer> covered() {
    return covered;
  }

  /** Runs cases of one file system and mode in one adapter. */
  void run(FileSystem fileSystem, UseOdirect mode, List<DirectCase> cases) throws Exception {
    Path base = base(fileSystem, mode);
    Map<String, Integer> here = new TreeMap<>();
    try (TestContextClose context = new TestContextClose();
        L2Adapter adapter = open(base, mode, context)) {
      boolean direct = mode != UseOdirect.OFF && fileSystem.direct();
      long kernel = kernelAlignment(base);
      int memory = direct ? (int) (kernel >>> 32) : 1;
      int unit = direct ? (int) kernel : 1;
      int sector = fileSystem == FileSystem.EXT4_4096 ? 4096 : 512;
      check(!direct || kernel == UNKNOWN || unit == sector, "the kernel says " + unit);
      checkStatus(adapter, mode, effect(fileSystem, mode, base), memory, unit);
      DirectRun run = new DirectRun(adapter, base, memory, unit, here);
      for (DirectCase one : cases) {
        try {
          run.run(one);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(one + ": " + e.getMessage(), e);
        }
      }
    }
    checkLog(fileSystem, mode, base, here);
    here.forEach((what, times) -> covered.merge(what, times, Integer::sum));
  }

  /**
   * An adapter that requires O_DIRECT does not open where there is none. It says why and leaves
   * nothing behind, neither files nor its hold on the directory, nor does it touch what is there.
   */
  void mustNotOpen(FileSystem fileSystem) throws Exception {
    Path base = base(fileSystem, UseOdirect.REQUIRE);
    checkRefusedAtOpen(fileSystem, base);
    check(FieldEffects.files(base).isEmpty(), "files left by a failed open");
    try (TestContextClose context = new TestContextClose();
        L2Adapter adapter = open(base, UseOdirect.OFF, context)) {
      StoreOutcome stored = TestObjects.store(adapter, TestObjects.keys(1), 1, 5000).outcome(0);
      check(stored == StoreOutcome.STORED, "after a failed open: " + stored);
    }
    List<Path> before = files(base);
    checkRefusedAtOpen(fileSystem, base);
    check(files(base).equals(before), "files " + files(base) + ", before " + before);
    log.list.clear();
    covered.merge("REFUSED_AT_OPEN", 1, Integer::sum);
  }

  private static void checkRefusedAtOpen(FileSystem fileSystem, Path base) throws Exception {
    try (TestContextClose context = new TestContextClose();
        L2Adapter adapter = open(base, UseOdirect.REQUIRE, context)) {
      throw new AssertionError("must not open at " + base + ": " + adapter.status());
    } catch (IOException e) {
      String said = String.valueOf(e.getMessage());
      check(
          said.contains("\"require\"") && said.contains(notEffective(fileSystem, base)),
          "the reason: " + said);
    }
  }

  private static String notEffective(FileSystem fileSystem, Path base) throws IOException {
    return "O_DIRECT is not effective on "
        + fileSystem.type()
        + " at "
        + base
        + ": "
        + reason(fileSystem, base);
  }

  private static List<Path> files(Path base) throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private Path base(FileSystem fileSystem, UseOdirect mode) {
    return mounts.resolve(fileSystem.name()).resolve("l2 " + mode);
  }

  private static L2Adapter open(Path base, UseOdirect mode, TestContextClose context)
      throws Exception {
    FsNativeConfig config = FsNativeConfigs.at(base).workers(2).direct(mode).build();
    return new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context.get());
  }

  /** Asked for here, not taken from the adapter: memory and length, zeros meaning no direct I/O. */
  private static long kernelAlignment(Path base) throws IOException {
    Path file = Files.createFile(base.resolveSibling("any file"));
    long alignment = NativeSeam.dioAlignment(file.toString());
    Files.delete(file);
    check(alignment >= 0 || alignment == -ENODATA, "statx: " + alignment);
    return alignment < 0 ? UNKNOWN : alignment;
  }

  private static String reason(FileSystem fileSystem, Path base) throws IOException {
    return fileSystem == FileSystem.RAMFS
        ? "EINVAL"
        : kernelAlignment(base) == 0 ? "dioalign=0" : "cached";
  }

  private static String effect(FileSystem fileSystem, UseOdirect mode, Path base)
      throws IOException {
    if (mode == UseOdirect.OFF) {
      return "";
    }
    return fileSystem.direct()
        ? " effective=true"
        : " effective=false reason=" + reason(fileSystem, base) + " on " + fileSystem.type();
  }

  private static void checkStatus(
      L2Adapter adapter, UseOdirect mode, String effect, int memory, int unit) {
    String odirect = requireNonNull(adapter.status().details().get("odirect"));
    check(odirect.equals("requested=" + mode.requested() + effect), odirect);
    check(
        adapter.limits().memoryAlignment() == memory && adapter.limits().lengthAlignment() == unit,
        adapter.limits() + ", the kernel says " + memory + " and " + unit);
  }

  /** One warning for each reason why objects went through the page cache, however many did. */
  private void checkLog(
      FileSystem fileSystem, UseOdirect mode, Path base, Map<String, Integer> here)
      throws IOException {
    List<String> expected = new ArrayList<>();
    if (mode == UseOdirect.ON && !fileSystem.direct()) {
      expected.add(notEffective(fileSystem, base));
    }
    if (here.keySet().stream().anyMatch(what -> what.endsWith("FALLBACK_LENGTH"))) {
      expected.add("its length is no multiple of ");
    }
    if (here.keySet().stream().anyMatch(what -> what.endsWith("FALLBACK_ERRNO"))) {
      expected.add("refused with EINVAL");
    }
    List<String> warned =
        log.list.stream()
            .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
            .map(ILoggingEvent::getFormattedMessage)
            .toList();
    check(
        warned.size() == expected.size()
            && expected.stream().allMatch(e -> warned.stream().anyMatch(w -> w.contains(e))),
        fileSystem + " " + mode + ": warned " + warned + ", expected " + expected);
    log.list.clear();
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
      context.awaitNoThreads();
    }
  }
}

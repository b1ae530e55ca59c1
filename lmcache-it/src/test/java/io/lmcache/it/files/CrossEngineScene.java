// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.CrossEngineKeys.COUNT;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.core.memory.PageCache;
import io.lmcache.it.files.CrossEngineKeys.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/**
 * Two engines in a case, each told line by line what to do, and the directory that they have in
 * common. Used by one thread, but for {@link Side#tell}.
 */
final class CrossEngineScene implements AutoCloseable {

  private static final List<String> COUNTERS =
      List.of("corrupt", "corrupt_kept", "unverified", "foreign", "empty");

  private final CrossEngineCase how;
  private final Path base;
  final Side writer;
  final Side other;

  /**
   * Nothing is open yet.
   *
   * @param child takes the other side if it is to be in a JVM of its own
   */
  CrossEngineScene(CrossEngineCase how, Path base, OwnersInstance child) {
    this.how = how;
    this.base = base;
    this.writer = new Side(how.writer(), new CrossEngineCommands());
    this.other =
        new Side(
            how.writer().other(),
            how.where() == CrossEngineCase.Where.ONE_JVM ? new CrossEngineCommands() : child);
  }

  /** One of the two. */
  final class Side {

    private final Engine engine;
    private final OwnersInstance instance;

    private Side(Engine engine, OwnersInstance instance) {
      this.engine = engine;
      this.instance = instance;
    }

    String tell(String line) throws IOException {
      return instance.tell(line);
    }

    void tells(String line, String answer) throws IOException {
      assertThat(tell(line)).as("%s: %s", engine, line).isEqualTo(answer);
    }

    void open(boolean shared) throws IOException {
      tells(
          "open %s %d %s %s"
              .formatted(engine, how.multiple(engine), how.json(engine, shared), base),
          "open");
    }

    void close() throws IOException {
      tells("close", "closed");
    }

    long counter(String name) throws IOException {
      return Long.parseLong(tell("counter " + name));
    }

    void assertCounters(long corrupt) throws IOException {
      for (String counter : COUNTERS) {
        tells("counter " + counter, counter.equals("corrupt") ? "" + corrupt : "0");
      }
    }

    /** That it went past the page cache where it was told to, and only there. */
    void assertStored() throws IOException {
      assertDirect("direct_stores");
    }

    /** The same of loads; and that several threads took part in each load of a large object. */
    void assertLoaded(int large) throws IOException {
      assertDirect("direct_loads");
      if (engine == Engine.FS_NATIVE) {
        assertThat(counter("split_loads")).as("split loads").isGreaterThanOrEqualTo(large);
      }
    }

    /** That of all files, which are as this side left them, no more than a tail is in memory. */
    void assertPastThePageCache() throws IOException {
      if (how.isDirect(engine) && how.multiple(engine) > 1) {
        for (Path file : files()) {
          assertThat(PageCache.residentPages(file))
              .as("pages of %s in the page cache", file)
              .isLessThanOrEqualTo(1);
        }
      }
    }

    private void assertDirect(String counter) throws IOException {
      boolean direct = how.isDirect(engine);
      assertThat(tell("detail odirect")).contains(direct ? "effective=true" : "requested=false");
      if (engine == Engine.FS_NATIVE) {
        assertThat(counter(counter) > 0).as(counter).isEqualTo(direct);
      }
      assertThat(counter("odirect_fallback_length") > 0)
          .as("lengths that went through the page cache")
          .isEqualTo(direct && how.multiple(engine) == 1);
      tells("counter odirect_fallback_fs", "0");
      tells("counter odirect_fallback_errno", "0");
    }
  }

  /** Every key in turn is answered as expected. */
  interface Asked {
    void of(int n) throws IOException;
  }

  static void forEachKey(Asked asked) throws IOException {
    for (int n = 0; n < COUNT; n++) {
      asked.of(n);
    }
  }

  /** A listing in the form of {@link CrossEngineCommands}; negative: the key is not there. */
  static String listing(IntUnaryOperator size) {
    StringJoiner sizes = new StringJoiner(" ");
    for (int n = 0; n < COUNT; n++) {
      sizes.add(size.applyAsInt(n) < 0 ? "null" : "" + size.applyAsInt(n));
    }
    return sizes + " and 0";
  }

  /** The first one stores all objects, and nobody has the directory open any more. */
  void fill() throws IOException {
    writer.open(false);
    forEachKey(n -> writer.tells("store " + n + " 0 IF_ABSENT", "STORED"));
    assertThat(writer.tell("usage")).isEqualTo(onDisk()).startsWith(COUNT + " ");
    writer.assertStored();
    writer.assertPastThePageCache();
    writer.close();
    assertThat(base.resolve(how.staging())).isDirectory();
    long digests =
        files().stream().filter(f -> f.getFileName().toString().startsWith("lmc-")).count();
    assertThat(digests).as("files with digest names").isEqualTo(CrossEngineKeys.count(Kind.DIGEST));
    assertThat(files()).allMatch(f -> base.relativize(f).getNameCount() == 1 + how.levels());
  }

  /** All objects' files, wherever they stand. */
  List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(base)) {
      return files.filter(file -> file.toString().endsWith(".data")).toList();
    }
  }

  /** Their number and bytes. */
  String onDisk() throws IOException {
    long bytes = 0;
    for (Path file : files()) {
      bytes += Files.size(file);
    }
    return files().size() + " " + bytes;
  }

  /** Ends both. Nothing but objects is left. */
  @Override
  public void close() throws IOException {
    writer.close();
    other.close();
    assertThat(OwnersFiles.owners(base)).isEmpty();
    assertThat(OwnersFiles.staged(base)).isEmpty();
    assertThat(OwnersFiles.staged(base.resolve(how.staging()))).isEmpty();
  }
}

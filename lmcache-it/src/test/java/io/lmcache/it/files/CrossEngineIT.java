// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.CrossEngineKeys.COUNT;
import static io.lmcache.it.files.CrossEngineKeys.REPLACEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.files.CrossEngineKeys.Kind;
import io.lmcache.it.files.CrossEngineWork.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each engine reads, replaces, deletes, recovers and verifies what the other wrote: after it and
 * while it writes, in one JVM and in two, in every depth of sub-directories, under every kind of
 * name.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class CrossEngineIT {

  enum Where {
    ONE_JVM,
    TWO_JVMS
  }

  /** Rounds of each side in each of the two roles. */
  private static final int ROUNDS = Boolean.getBoolean("lmcache.soak") ? 3_000 : 150;

  /** How often each thing happens at least in a case, of which a pair of engines has six. */
  private static final long LEAST = ROUNDS / 3;

  private static final List<String> COUNTERS =
      List.of("corrupt", "corrupt_kept", "unverified", "foreign", "empty");

  private static CrossEngineSide child;

  @TempDir Path dir;

  @BeforeAll
  static void startChild() throws IOException {
    child = CrossEngineSide.start();
  }

  @AfterAll
  static void endChild() {
    child.close();
  }

  static Stream<Arguments> cases() {
    return Stream.of(Engine.values())
        .flatMap(
            writer ->
                Stream.of(Where.values())
                    .flatMap(
                        where ->
                            IntStream.range(0, 3)
                                .mapToObj(levels -> Arguments.of(writer, where, levels))));
  }

  private Path base() {
    return dir.resolve("l2");
  }

  /** The reader's side; a child stays alive when it is closed. */
  private static OwnersInstance other(Where where) {
    if (where == Where.ONE_JVM) {
      return new CrossEngineCommands();
    }
    return new OwnersInstance() {
      @Override
      public String tell(String line) throws IOException {
        return child.tell(line);
      }

      @Override
      public void close() {
        try {
          child.tell("close");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private void open(OwnersInstance side, Engine engine, int levels, boolean shared)
      throws IOException {
    String more = "\"hash_subdir_levels\": " + levels + ", \"shared\": " + shared;
    assertThat(side.tell("open " + engine + " " + base() + " " + more)).isEqualTo("open");
  }

  private static int first(int n) {
    return CrossEngineKeys.size(n, 0);
  }

  private static int second(int n) {
    return CrossEngineKeys.size(n, REPLACEMENT);
  }

  private static boolean isDeleted(int n) {
    return n % 3 == 0;
  }

  /** All objects' files, wherever they stand. */
  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(base())) {
      return files.filter(file -> file.toString().endsWith(".data")).toList();
    }
  }

  private String onDisk() throws IOException {
    long bytes = 0;
    for (Path file : files()) {
      bytes += Files.size(file);
    }
    return files().size() + " " + bytes;
  }

  /** A listing in the form of {@link CrossEngineCommands}; negative: the key is not there. */
  private static String listing(IntUnaryOperator size) {
    StringJoiner sizes = new StringJoiner(" ");
    for (int n = 0; n < COUNT; n++) {
      sizes.add(size.applyAsInt(n) < 0 ? "null" : "" + size.applyAsInt(n));
    }
    return sizes + " and 0";
  }

  /** Every key in turn is answered as expected. */
  private interface Asked {
    void of(int n) throws IOException;
  }

  private static void forEachKey(Asked asked) throws IOException {
    for (int n = 0; n < COUNT; n++) {
      asked.of(n);
    }
  }

  private static void tells(OwnersInstance side, String line, String answer) throws IOException {
    assertThat(side.tell(line)).as(line).isEqualTo(answer);
  }

  private static void assertCounters(OwnersInstance side, long corrupt) throws IOException {
    for (String counter : COUNTERS) {
      tells(side, "counter " + counter, counter.equals("corrupt") ? "" + corrupt : "0");
    }
  }

  private void fillAndClose(OwnersInstance writer, Engine engine, int levels) throws IOException {
    open(writer, engine, levels, false);
    forEachKey(n -> tells(writer, "store " + n + " 0 IF_ABSENT", "STORED"));
    assertThat(writer.tell("usage")).isEqualTo(onDisk()).startsWith(COUNT + " ");
    writer.tell("close");
    long digests =
        files().stream().filter(f -> f.getFileName().toString().startsWith("lmc-")).count();
    assertThat(digests).as("files with digest names").isEqualTo(COUNT / Kind.values().length);
    assertThat(files()).allMatch(f -> base().relativize(f).getNameCount() == 1 + levels);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oneAfterTheOther(Engine writing, Where where, int levels) throws Exception {
    Engine reading = writing.other();
    try (OwnersInstance writer = new CrossEngineCommands();
        OwnersInstance reader = other(where)) {
      fillAndClose(writer, writing, levels);

      open(reader, reading, levels, false);
      assertThat(reader.tell("usage")).isEqualTo(onDisk());
      tells(reader, "list", listing(CrossEngineIT::first));
      forEachKey(
          n -> {
            tells(reader, "lookup " + n, "" + first(n));
            tells(reader, "load " + n + " " + second(n), "SIZE_MISMATCH");
            tells(reader, "load " + n + " " + first(n), "version 0");
            tells(reader, "store " + n + " 0 IF_ABSENT", "ALREADY_PRESENT");
            tells(reader, "store " + n + " " + REPLACEMENT + " REPLACE", "STORED");
            tells(reader, "load " + n + " " + second(n), "version " + REPLACEMENT);
            if (isDeleted(n)) {
              tells(reader, "delete " + n, "DELETED");
            }
          });
      assertCounters(reader, 0);
      reader.tell("close");

      open(writer, writing, levels, false);
      assertThat(writer.tell("usage")).isEqualTo(onDisk());
      tells(writer, "list", listing(n -> isDeleted(n) ? -1 : second(n)));
      forEachKey(
          n -> {
            boolean gone = isDeleted(n);
            tells(writer, "lookup " + n, gone ? "null" : "" + second(n));
            tells(
                writer,
                "load " + n + " " + second(n),
                gone ? "NOT_FOUND" : "version " + REPLACEMENT);
            tells(writer, "delete " + n, gone ? "ABSENT" : "DELETED");
          });
      assertCounters(writer, 0);
      assertThat(writer.tell("usage")).isEqualTo("0 0").isEqualTo(onDisk());
    }
    assertThat(OwnersFiles.owners(base())).isEmpty();
    assertThat(OwnersFiles.staged(base())).isEmpty();
  }

  /** Turns a bit of every object's last byte over; which says how many have one. */
  private int damage() throws IOException {
    int damaged = 0;
    for (Path file : files()) {
      long last = Files.size(file) - 1;
      if (last >= 0) {
        try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          ByteBuffer one = ByteBuffer.allocate(1);
          channel.read(one, last);
          channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 4)}), last);
        }
        damaged++;
      }
    }
    return damaged;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aFlippedBitInAFileOfTheOtherIsFoundAndTheFileRemoved(Engine writing, Where where, int levels)
      throws Exception {
    try (OwnersInstance writer = new CrossEngineCommands();
        OwnersInstance reader = other(where)) {
      fillAndClose(writer, writing, levels);
      int damaged = damage();
      assertThat(damaged).isEqualTo(COUNT * 3 / 4);

      open(reader, writing.other(), levels, false);
      assertThat(reader.tell("usage")).startsWith(COUNT + " ");
      forEachKey(
          n -> {
            boolean sound = first(n) == 0;
            tells(reader, "load " + n + " " + first(n), sound ? "version 0" : "CORRUPT");
            tells(reader, "load " + n + " " + first(n), sound ? "version 0" : "NOT_FOUND");
            tells(reader, "lookup " + n, sound ? "0" : "null");
          });
      assertCounters(reader, damaged);
      assertThat(files()).hasSize(COUNT - damaged);
      assertThat(reader.tell("usage")).isEqualTo(onDisk());
      forEachKey(
          n ->
              tells(
                  reader,
                  "store " + n + " 0 IF_ABSENT",
                  first(n) == 0 ? "ALREADY_PRESENT" : "STORED"));
      reader.tell("close");

      open(writer, writing, levels, false);
      tells(writer, "list", listing(CrossEngineIT::first));
      forEachKey(n -> tells(writer, "load " + n + " " + first(n), "version 0"));
      assertCounters(writer, 0);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bothAtOnce(Engine engine, Where where, int levels) throws Exception {
    try (OwnersInstance one = new CrossEngineCommands();
        OwnersInstance two = other(where)) {
      open(one, engine, levels, true);
      open(two, engine.other(), levels, true);
      CrossEngineSeen seen =
          work(one, Role.WRITER, two, Role.VISITOR).add(work(one, Role.VISITOR, two, Role.WRITER));
      assertThat(seen.problems()).as(seen.toString()).isEmpty();
      for (String what :
          List.of(
              "IF_ABSENT_STORED",
              "IF_ABSENT_ALREADY_PRESENT",
              "REPLACE_STORED",
              "LOADED",
              "LOADED_THEIRS",
              "LOAD_NOT_FOUND",
              "LOAD_SIZE_MISMATCH",
              "LOOKUP_HIT",
              "DELETE_DELETED",
              "LIST")) {
        assertThat(seen.of(what)).as("%s of %s", what, seen).isGreaterThanOrEqualTo(LEAST);
      }
      assertAgreed(one, two);
      assertCounters(one, 0);
      assertCounters(two, 0);
    }
    assertThat(OwnersFiles.owners(base())).isEmpty();
    assertThat(OwnersFiles.staged(base())).isEmpty();
  }

  private CrossEngineSeen work(OwnersInstance one, Role role, OwnersInstance two, Role otherRole)
      throws Exception {
    Path meeting = Files.createTempDirectory(dir, "meeting");
    ExecutorService second = Executors.newSingleThreadExecutor();
    try {
      Future<String> theirs =
          second.submit(() -> two.tell("work 1 " + otherRole + " " + ROUNDS + " " + meeting));
      String own = one.tell("work 0 " + role + " " + ROUNDS + " " + meeting);
      return CrossEngineSeen.parse(own).add(CrossEngineSeen.parse(theirs.get()));
    } finally {
      second.shutdownNow();
    }
  }

  /** Once nobody writes, both see what stands in the directory, and then what each stores last. */
  private void assertAgreed(OwnersInstance one, OwnersInstance two) throws IOException {
    String listed = one.tell("list");
    assertThat(two.tell("list")).isEqualTo(listed).endsWith(" and 0");
    String[] sizes = listed.split(" ", -1);
    List<String> stored = new ArrayList<>();
    long bytes = 0;
    for (int n = 0; n < COUNT; n++) {
      tells(one, "lookup " + n, sizes[n]);
      tells(two, "lookup " + n, sizes[n]);
      if (!sizes[n].equals("null")) {
        stored.add(sizes[n]);
        bytes += Long.parseLong(sizes[n]);
        String loaded = one.tell("load " + n + " " + sizes[n]);
        assertThat(loaded).startsWith("version ").isNotEqualTo("version -1");
        tells(two, "load " + n + " " + sizes[n], loaded);
      }
    }
    assertThat(onDisk()).isEqualTo(stored.size() + " " + bytes);

    forEachKey(
        n ->
            tells(n % 2 == 0 ? one : two, "store " + n + " " + REPLACEMENT + " REPLACE", "STORED"));
    forEachKey(
        n -> {
          tells(one, "load " + n + " " + second(n), "version " + REPLACEMENT);
          tells(two, "load " + n + " " + second(n), "version " + REPLACEMENT);
        });
    tells(one, "list", listing(CrossEngineIT::second));
    tells(two, "list", listing(CrossEngineIT::second));
  }
}

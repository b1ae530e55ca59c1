// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not ours is counted and stays as it is, however much it looks like an object. */
@Tag("native")
final class DamageForeignTest {

  private static final int SIZE = 3_000;
  private static final int OBJECTS = 20;
  private static final String HASH = "00112233445566778899aabbccddeeff";

  /** Names that nearly are those of objects. */
  private static final List<String> LOOK_ALIKES =
      List.of(
          "README.md",
          "data",
          ".data",
          "m@0x00000001@0@" + HASH,
          "m@0x00000001@0@" + HASH + ".DATA",
          "m@0x00000001@0@" + HASH + ".data.bak",
          "m@0x00000001@0@" + HASH + ".tmp",
          "m@0x00000001@0@00112233445566778899AABBCCDDEEFF.data",
          "m@0x0000000A@0@" + HASH + ".data",
          "m@0X00000001@0@" + HASH + ".data",
          "m@00000001@0@" + HASH + ".data",
          "m@0x1@0@" + HASH + ".data",
          "m@0x0000000001@0@" + HASH + ".data",
          "m@0x00000001@00@" + HASH + ".data",
          "m@0x00000001@F@" + HASH + ".data",
          "m@0x00000001@80000000@" + HASH + ".data",
          "m@0x00000001@-1@" + HASH + ".data",
          "m@0x00000001@@" + HASH + ".data",
          "m@0x00000001@0@0" + HASH + ".data",
          "m@0x00000001@0@g0" + HASH + ".data",
          "m@0x00000001@0@" + HASH + "@.data",
          "m@0x00000001@0@" + HASH + "@salt@more.data",
          "m@0x00000001.data",
          "m.data",
          "lmc-" + "0".repeat(64) + ".data",
          "lmc-" + "a".repeat(63) + ".data",
          "LMC-" + "a".repeat(64) + ".data",
          ".lmc-not-a-uuid-1.tmp",
          ".lmc-probe");

  @TempDir Path root;

  private final Map<String, String> before = new TreeMap<>();
  private final List<Path> foreign = new ArrayList<>();
  private int uncounted;

  private Path base() {
    return root.resolve("l2");
  }

  private static ObjectKey key(int n) {
    return Content.key("org/ours", n);
  }

  /** Writes a healthy object of its key, so that only its place or its name is wrong. */
  private void add(String path) throws IOException {
    Path file = base().resolve(path);
    Files.createDirectories(file.getParent());
    byte[] payload = Content.bytes(key(99), 1, SIZE);
    Files.write(file, payload);
    DamageFiles.writeAttribute(file, DamageFiles.attribute(key(99), SIZE, payload));
    foreign.add(file);
  }

  private void addAll(int levels) throws IOException {
    for (String name : LOOK_ALIKES) {
      add(name);
    }
    add("lmc-" + "1".repeat(64) + ".data");
    Files.getFileAttributeView(
            base().resolve("lmc-" + "1".repeat(64) + ".data"), UserDefinedFileAttributeView.class)
        .write("lmcache.key", ByteBuffer.wrap(key(99).toString().getBytes(StandardCharsets.UTF_8)));
    String objects = "m@0x00000001@0@" + HASH + ".data";
    if (levels == 0) {
      addTree("00", objects); // Such a directory belongs to another level.
      addTree("0011", objects);
    } else {
      add(objects);
      add("m@0x00000001@" + HASH + ".data");
      add((levels == 1 ? "01" : "00/12") + "/" + objects);
      addTree(levels == 1 ? "00/11" : "00/11/22", objects);
      add((levels == 1 ? "00" : "00/11") + "/m@0x00000001@" + HASH + ".data");
      addTree("AB", objects);
    }
    addTree("mine/deep", objects);
    Files.createSymbolicLink(base().resolve("link"), root);
    foreign.add(base().resolve("link"));
    addSocket();
    add(".lmc-00112233-4455-6677-8899-aabbccddeeff-1.tmp");
    uncounted++; // Nobody's, but its name is a staging file's; one that is old goes.
  }

  /** A directory that no object can be in: it counts as one. */
  private void addTree(String directory, String file) throws IOException {
    add(directory + "/" + file);
    add(directory + "/notes.txt");
    uncounted++;
  }

  /** Bound elsewhere, since the path of a socket may not be long. */
  private void addSocket() throws IOException {
    Path directory = Files.createTempDirectory("lmc");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    }
    Path place = base().resolve("m@0x00000001@0@ff.data");
    Files.move(directory.resolve("s"), place);
    Files.delete(directory);
    foreign.add(place);
  }

  private Map<String, String> snapshots() throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (Path file : foreign) {
      all.put(base().relativize(file).toString(), DamageFiles.snapshot(file));
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "FS_JAVA, 0",
    "FS_JAVA, 1",
    "FS_JAVA, 2",
    "FS_NATIVE, 0",
    "FS_NATIVE, 1",
    "FS_NATIVE, 2"
  })
  void whatIsForeignIsCountedAndStays(Engine engine, int levels) throws IOException {
    String level = "\"hash_subdir_levels\": " + levels;
    try (FileAdapter adapter = FileAdapter.open(engine, base(), level)) {
      adapter.recovered();
    }
    addAll(levels);
    before.putAll(snapshots());
    assertThat(before).hasSizeGreaterThan(LOOK_ALIKES.size() + 5).doesNotContainValue("nothing");
    try (FileAdapter adapter = FileAdapter.open(engine, base(), level).recovered()) {
      assertForeign(adapter);
      assertThat(adapter.list()).isEmpty();
      useAll(adapter);
      assertThat(snapshots()).isEqualTo(before);
    }
    for (String shared : List.of("\"shared\": true", "\"persist_enabled\": false")) {
      try (FileAdapter adapter =
          FileAdapter.open(engine.other(), base(), level, shared).recovered()) {
        assertForeign(adapter);
        useAll(adapter);
      }
      assertThat(snapshots()).isEqualTo(before);
    }
  }

  private void assertForeign(FileAdapter adapter) {
    assertThat(adapter.counter("foreign_files")).isEqualTo(foreign.size() - uncounted);
    assertThat(adapter.counter("empty_files")).isZero();
    assertThat(adapter.counter("swept_staging_files")).isZero();
  }

  /** Ends with as many objects as it began with. */
  private static void useAll(FileAdapter adapter) {
    Map<ObjectKey, Long> expected = new HashMap<>();
    for (int n = 0; n < OBJECTS; n++) {
      adapter.mustStore(key(n), 1, SIZE);
      adapter.mustLoad(key(n), 1, SIZE);
      expected.put(key(n), (long) SIZE);
    }
    assertThat(adapter.list()).isEqualTo(expected);
    for (int n = 0; n < OBJECTS; n++) {
      assertThat(adapter.delete(key(n))).isEqualTo(DeleteOutcome.DELETED);
    }
    assertThat(adapter.list()).isEmpty();
    assertThat(adapter.usage().storedBytes()).isZero();
  }
}

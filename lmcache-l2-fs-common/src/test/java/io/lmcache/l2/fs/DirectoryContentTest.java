// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.ObjectFiles.longKey;
import static io.lmcache.l2.fs.Raw.key;
import static io.lmcache.l2.fs.TestDirectory.detail;
import static io.lmcache.l2.fs.TestDirectory.listed;
import static io.lmcache.l2.fs.TestDirectory.visited;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is an object and what only looks like one. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DirectoryContentTest {

  @TempDir private Path base;
  private ObjectDirectory directory;

  @BeforeEach
  void open() throws Exception {
    directory = TestDirectory.open(base, "");
  }

  @AfterEach
  void close() throws Exception {
    directory.close();
  }

  private void expect(Map<ObjectKey, Long> objects, int foreign, int empty) throws Exception {
    Map<String, String> before = ObjectFiles.everythingBelow(base, null);
    assertThat(visited(directory)).isEqualTo(objects);
    assertThat(detail(directory, "foreign_files")).as("foreign").isEqualTo(foreign);
    assertThat(detail(directory, "empty_files")).as("empty").isEqualTo(empty);
    assertThat(listed(directory, 1)).isEqualTo(objects);
    assertThat(ObjectFiles.everythingBelow(base, null)).isEqualTo(before);
  }

  @Test
  void aDigestNameIsFoundThroughItsKey() throws Exception {
    for (int n = 0; n < 3; n++) {
      ObjectFiles.put(base, 0, longKey(n), n + 1);
    }

    expect(Map.of(longKey(0), 1L, longKey(1), 2L, longKey(2), 3L), 0, 0);
    assertThat(directory.name(longKey(1)).digest()).isTrue();
  }

  @Test
  void aDigestNameWithAnotherKeyOrNoneIsForeign() throws Exception {
    String[] wrong = {
      longKey(9).toString(),
      longKey(1) + " ",
      longKey(2) + "@salt",
      "",
      "not a key",
      key("m", 5).toString(),
      "x".repeat(3000)
    };
    for (int n = 0; n < wrong.length; n++) {
      ObjectFiles.setKey(ObjectFiles.put(base, 0, longKey(n), 1), wrong[n]);
    }
    ObjectFiles.putPlain(base, 0, longKey(20), 1);
    Path notText = ObjectFiles.put(base, 0, longKey(21), 1);
    ObjectFiles.view(notText)
        .write(ObjectAttribute.KEY_NAME, ByteBuffer.wrap(new byte[] {(byte) 0xff, 'm'}));
    // The digest of a key whose plain name fits.
    Path fits = Files.write(base.resolve(ObjectFileNames.digestName(key("m", 1))), new byte[1]);
    ObjectFiles.setKey(fits, key("m", 1).toString());
    ObjectFiles.put(base, 0, longKey(22), 4);

    expect(Map.of(longKey(22), 4L), wrong.length + 3, 0);
  }

  @Test
  void aDigestNameWithoutBytesIsMeasuredLikeOthers() throws Exception {
    ObjectFiles.put(base, 0, longKey(1), 0);
    ObjectFiles.setKey(ObjectFiles.putPlain(base, 0, longKey(2), 0), longKey(2).toString());

    expect(Map.of(longKey(1), 0L), 0, 1);
  }

  @Test
  void aFileWithoutBytesIsAnObjectOnlyIfItsAttributeSaysSo() throws Exception {
    ObjectFiles.put(base, 0, key("whole", 1), 0);
    ObjectFiles.putPlain(base, 0, key("crash", 1), 0);
    ObjectFiles.putPlain(base, 0, key("crash", 2), 0);
    ObjectFiles.setAttribute(ObjectFiles.putPlain(base, 0, key("damaged", 1), 0), new byte[36]);
    ObjectFiles.setAttribute(ObjectFiles.putPlain(base, 0, key("damaged", 2), 0), new byte[300]);
    // Its payload was lost, which only a load can say.
    Path lost = ObjectFiles.putPlain(base, 0, key("lost", 1), 0);
    ObjectFiles.setAttribute(lost, ObjectFiles.attribute(key("lost", 1), 7).encode());
    Path newer = ObjectFiles.putPlain(base, 0, key("newer", 1), 0);
    ObjectFiles.setAttribute(newer, ObjectFiles.newerAttribute(key("newer", 1), 0));

    expect(
        Map.of(
            key("whole", 1), 0L, key("damaged", 1), 0L, key("damaged", 2), 0L, key("lost", 1), 0L),
        1,
        2);
  }

  @Test
  void attributesOfFilesWithBytesDoNotMatter() throws Exception {
    ObjectFiles.put(base, 0, key("m", 1), 5);
    ObjectFiles.putPlain(base, 0, key("m", 2), 5);
    ObjectFiles.setAttribute(ObjectFiles.putPlain(base, 0, key("m", 3), 5), new byte[36]);
    Path newer = ObjectFiles.putPlain(base, 0, key("m", 4), 5);
    ObjectFiles.setAttribute(newer, ObjectFiles.newerAttribute(key("m", 4), 5));

    expect(Map.of(key("m", 1), 5L, key("m", 2), 5L, key("m", 3), 5L, key("m", 4), 5L), 0, 0);
  }

  /** A pipe would keep whoever opens it waiting. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyRegularFilesAreObjects() throws Exception {
    Path away = Files.createFile(base.resolve("away"));
    int foreign = 1;
    for (int kind = 0; kind < 4; kind++) {
      for (ObjectKey of : List.of(key("m", kind), longKey(kind), key("größe", kind))) {
        Path place = Raw.path(base, new ObjectNames(0, true).of(of).file());
        switch (kind) {
          case 0 -> Files.createDirectory(place);
          case 1 -> Files.createSymbolicLink(place, away);
          case 2 -> Files.createSymbolicLink(place, base.resolve("nowhere"));
          default -> makePipe(place);
        }
        foreign++;
      }
    }
    makePipe(base.resolve("old@0x00000001@ab.data"));
    foreign++;

    assertThat(visited(directory)).isEmpty();
    assertThat(foreign).isEqualTo(14);
    assertThat(detail(directory, "foreign_files")).isEqualTo(foreign);
    assertThat(detail(directory, "empty_files")).isZero();
    assertThat(listed(directory, 1)).isEmpty();
  }

  private void makePipe(Path place) throws Exception {
    Path plain = base.resolve("pipe");
    Process process = new ProcessBuilder("mkfifo", plain.toString()).inheritIO().start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    Files.move(plain, place);
  }

  @Test
  void filesOfTheDirectoryItselfAreNotForeign() throws Exception {
    try (ObjectDirectory other = TestDirectory.open(base, "tmp/deep")) {
      for (Path staging : new Path[] {other.staging(), base}) {
        Files.createFile(staging.resolve(other.stagingPrefix() + "1.tmp"));
        Files.createFile(staging.resolve(directory.stagingPrefix() + "probe.tmp"));
      }
      Files.createFile(base.resolve(".lmcache/unknown"));
      Files.createFile(base.resolve(".lmc-1-1.tmp"));
      Files.createFile(other.staging().resolve("README"));
      Files.createFile(base.resolve(other.stagingPrefix() + "x.tmp"));

      assertThat(visited(other)).isEmpty();
      assertThat(detail(other, "foreign_files")).isEqualTo(2);
      // It does not know that the other one stages in there.
      assertThat(visited(directory)).isEmpty();
      assertThat(detail(directory, "foreign_files")).isEqualTo(3);
    }
  }

  @Test
  void anOldNameIsAdoptedByAWalk() throws Exception {
    ObjectKey old = ObjectKey.of(new byte[] {(byte) 0xab}, "org/m", 1);
    Path file = Files.write(base.resolve("org-SEP-m@0x00000001@ab.data"), new byte[9]);
    String own = "org-SEP-m@0x00000001@0@ab.data";

    assertThat(directory.name(old).file()).isEqualTo(own);
    assertThat(listed(directory, 1)).as("before it is adopted").isEmpty();
    expect(Map.of(old, 9L), 0, 0);
    assertThat(directory.name(old)).isEqualTo(new ObjectName("", file.getFileName() + "", false));
    assertThat(detail(directory, "old_names")).isOne();
    try (ObjectDirectory other = TestDirectory.open(base, "")) {
      assertThat(other.name(old).file()).isEqualTo(own);
    }
    Files.delete(file);
    expect(Map.of(), 0, 0);
    assertThat(directory.name(old).file()).as("after it is gone").isEqualTo(own);
  }

  @Test
  void anOldNameIsForeignWhereTheKeyHasAFileOfItsOwn() throws Exception {
    ObjectKey first = key("first", 1);
    Path oldFirst = Files.write(base.resolve("first@0x01000100@0001.data"), new byte[9]);
    ObjectKey second = key("second", 1);
    Files.write(base.resolve("second@0x01000100@0001.data"), new byte[9]);
    ObjectFiles.put(base, 0, second, 5);

    expect(Map.of(first, 9L, second, 5L), 1, 0);
    assertThat(directory.name(second).file()).isEqualTo("second@0x01000100@0@0001.data");
    assertThat(directory.name(first).file()).isEqualTo(oldFirst.getFileName().toString());

    // Another instance writes the new form.
    ObjectFiles.put(base, 0, first, 6);
    assertThat(listed(directory, 1)).isEqualTo(Map.of(first, 6L, second, 5L));
    expect(Map.of(first, 6L, second, 5L), 2, 0);
    assertThat(directory.name(first).file()).isEqualTo("first@0x01000100@0@0001.data");
    assertThat(detail(directory, "old_names")).isZero();
  }

  /** A store that began before the walk met the old file publishes under the key's own name. */
  @Test
  void anOldNameGivesWayToAFileOfItsOwnThatComesLater() throws Exception {
    ObjectKey key = Raw.key("old/model", 7);
    String oldName = "old-SEP-model@0x" + key.kvRankHex() + "@" + key.chunkHashHex() + ".data";
    Path old = Files.write(directory.base().resolve(oldName), ObjectFiles.payload(key, 9));
    directory.forEach(object -> {});
    assertThat(directory.name(key).file()).isEqualTo(oldName);
    ObjectFiles.put(directory.base(), 0, key, 10);
    assertThat(directory.name(key).file()).isEqualTo(ObjectFileNames.encode(key));
    assertThat(old).as("it is not ours to remove").exists();
  }

  @Test
  void anOldNameWithoutBytesOrInASubdirectoryIsNotAdopted(@TempDir Path layered) throws Exception {
    Files.createFile(base.resolve("m@0x00000001@ab.data"));
    expect(Map.of(), 0, 1);
    try (ObjectDirectory other = ObjectDirectory.open(TestDirectory.options(layered, "", 1))) {
      Files.write(layered.resolve("m@0x00000001@ab.data"), new byte[9]);
      Files.write(
          Files.createDirectory(layered.resolve("ab")).resolve("m@0x00000001@ab.data"),
          new byte[9]);
      assertThat(visited(other)).isEmpty();
      assertThat(detail(other, "foreign_files")).isEqualTo(2);
    }
  }

  @Test
  void keysOfAWalkShareTheirStrings() throws Exception {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    for (int n = 0; n < 4; n++) {
      for (String model : new String[] {"org/model", longKey(0).modelName()}) {
        ObjectKey key = ObjectKey.of(new byte[] {(byte) n}, model, 1, 0, "a salt");
        ObjectFiles.put(base, 0, key, 1);
        sizes.put(key, 1L);
      }
    }
    List<ObjectKey> found = new ArrayList<>();
    directory.forEach(object -> found.add(object.key()));

    assertThat(found).hasSize(8).containsExactlyInAnyOrderElementsOf(sizes.keySet());
    int shared = 0;
    for (ObjectKey a : found) {
      for (ObjectKey b : found) {
        assertThat(a.cacheSalt()).isSameAs(b.cacheSalt());
        if (a.modelName().equals(b.modelName())) {
          assertThat(a.modelName()).isSameAs(b.modelName());
          shared++;
        }
      }
    }
    assertThat(shared).isEqualTo(32);
  }
}

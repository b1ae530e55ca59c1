// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.TestDirectory.detail;
import static io.lmcache.l2.fs.TestDirectory.listed;
import static io.lmcache.l2.fs.TestDirectory.options;
import static io.lmcache.l2.fs.TestDirectory.pages;
import static io.lmcache.l2.fs.TestDirectory.visited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sub-directories named after the chunk hash, and others. */
final class DirectoryLayoutTest {

  private static ObjectKey hashed(String model, int... hash) {
    byte[] bytes = new byte[hash.length];
    for (int i = 0; i < hash.length; i++) {
      bytes[i] = (byte) hash[i];
    }
    return ObjectKey.of(bytes, model, 1);
  }

  /** Several keys in a sub-directory, several of those in another, short hashes and long names. */
  private static Map<ObjectKey, Long> fill(Path base, int levels) throws Exception {
    List<ObjectKey> keys = new ArrayList<>();
    for (int first : new int[] {0, 1, 0x7f, 0xab, 0xff}) {
      keys.add(hashed("short", first));
      for (int second : new int[] {0, 0xcd}) {
        keys.add(hashed("m", first, second, 1));
        keys.add(hashed("m", first, second, 2));
        keys.add(hashed("x".repeat(300), first, second, 3));
      }
    }
    Map<ObjectKey, Long> sizes = new HashMap<>();
    for (ObjectKey key : keys) {
      int size = sizes.size() + 1;
      assertThat(sizes.put(key, (long) size)).isNull();
      ObjectFiles.put(base, levels, key, size);
    }
    return sizes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void objectsInTheirPlaceAreFoundWhateverThePageSize(int levels, @TempDir Path base)
      throws Exception {
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, "", levels))) {
      Map<ObjectKey, Long> sizes = fill(base, levels);
      assertThat(sizes).hasSize(35);

      assertThat(visited(directory)).isEqualTo(sizes);
      assertThat(detail(directory, "foreign_files")).isZero();
      for (int pageSize = 1; pageSize <= sizes.size() + 1; pageSize++) {
        List<KeyPage> pages = pages(directory, ListRequest.first(pageSize));
        assertThat(listed(pages)).as("page size %s", pageSize).isEqualTo(sizes);
        assertThat(pages).hasSize(sizes.size() / pageSize + 1);
        pages.stream()
            .map(KeyPage::nextCursor)
            .filter(cursor -> cursor != null)
            .forEach(directory::checkCursor);
      }
      for (ObjectKey key : sizes.keySet()) {
        assertThat(base.resolve(directory.name(key).path())).isRegularFile();
      }
      Map<ObjectKey, Long> wanted = new HashMap<>(sizes);
      wanted.keySet().removeIf(key -> !key.modelName().equals("short"));
      assertThat(listed(pages(directory, new ListRequest("short", 2, null))))
          .hasSize(5)
          .isEqualTo(wanted);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anObjectInAnotherPlaceIsForeign(int levels, @TempDir Path base) throws Exception {
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, "", levels))) {
      ObjectKey key = hashed("m", 0xab, 0xcd, 1);
      ObjectKey longKey = hashed("x".repeat(300), 0xab, 0xcd, 1);
      Path plain = ObjectFiles.put(base, levels, key, 5);
      Path digest = ObjectFiles.put(base, levels, longKey, 5);
      Map<ObjectKey, Long> right = Map.of(key, 5L, longKey, 5L);
      int wrong = 0;
      for (String place : new String[] {"", "ab", "cd", "ab/cd", "ab/ce", "cd/ab", "00/00"}) {
        Path other = Files.createDirectories(base.resolve(place));
        boolean entered = place.length() <= 3 * levels - 1;
        if (entered && !other.equals(plain.getParent())) {
          Files.copy(plain, other.resolve(plain.getFileName()));
          Files.copy(digest, other.resolve(digest.getFileName()));
          wrong += 2;
        }
      }

      // At one level the four directories below others are foreign too.
      int directories = levels == 1 ? 4 : 0;
      assertThat(wrong).isEqualTo(levels == 1 ? 4 : 12);
      assertThat(visited(directory)).isEqualTo(right);
      assertThat(detail(directory, "foreign_files")).isEqualTo(wrong + directories);
      assertThat(listed(directory, 1)).isEqualTo(right);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 9", "1, 7", "2, 7"})
  void directoriesOfOthersAreOneForeignThingEach(int levels, int foreign, @TempDir Path base)
      throws Exception {
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, "", levels))) {
      ObjectKey key = hashed("m", 0xab, 0xcd, 1);
      Path place = ObjectFiles.put(base, levels, key, 5);
      for (String name : new String[] {"a", "abc", "AB", "zz", "a ", "..b", "größe", "12", "34"}) {
        Path other = Files.createDirectory(Raw.path(base, name));
        if (other.getFileName().toString().matches("12|34")) {
          continue; // These are of the layout, unless it has none.
        }
        Files.copy(place, other.resolve(place.getFileName()));
        Files.copy(place, Files.createDirectory(other.resolve("ab")).resolve("README"));
      }

      assertThat(visited(directory)).isEqualTo(Map.of(key, 5L));
      assertThat(detail(directory, "foreign_files")).isEqualTo(foreign);
      assertThat(listed(directory, 1)).isEqualTo(Map.of(key, 5L));
    }
  }

  @Test
  void aLinkOrAFileInTheLayoutIsForeignAndNotFollowed(@TempDir Path base, @TempDir Path away)
      throws Exception {
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, "", 2))) {
      ObjectFiles.put(away, 2, hashed("m", 0x01, 0x02), 5);
      ObjectFiles.put(away, 1, hashed("m", 0x02, 0x01), 5);
      ObjectKey key = hashed("m", 0x02, 0x03);
      ObjectFiles.put(base, 2, key, 7);
      Files.createSymbolicLink(base.resolve("01"), away.resolve("01"));
      Files.createSymbolicLink(base.resolve("02/01"), away.resolve("02"));
      Files.createFile(base.resolve("04"));
      Files.createFile(base.resolve("02/04"));

      assertThat(visited(directory)).isEqualTo(Map.of(key, 7L));
      assertThat(detail(directory, "foreign_files")).isEqualTo(4);
      assertThat(listed(directory, 1)).isEqualTo(Map.of(key, 7L));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, ab", "0, ab/cd", "1, ab", "1, ab/cd", "1, ab/tmp/x", "2, ab", "2, ab/cd/ef"})
  void stagingMayLieInsideTheLayout(int levels, String staging, @TempDir Path base)
      throws Exception {
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, staging, levels))) {
      Map<ObjectKey, Long> sizes = fill(base, levels);
      Files.createFile(directory.staging().resolve(directory.stagingPrefix() + "7.tmp"));

      assertThat(visited(directory)).hasSize(35).isEqualTo(sizes);
      assertThat(detail(directory, "foreign_files")).isZero();
      assertThat(listed(directory, 2)).isEqualTo(sizes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"01", "02", "01/00", "02/00"})
  void aDirectoryThatGoesDuringTheWalkIsNoError(String gone, @TempDir Path base) throws Exception {
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, "", 2))) {
      for (int first = 1; first <= 3; first++) {
        for (int n = 0; n < 3; n++) {
          ObjectFiles.put(base, 2, hashed("m", first, 0, n), 1);
        }
      }
      Map<ObjectKey, Long> seen = new HashMap<>();
      directory.forEach(
          object -> {
            if (seen.isEmpty()) {
              remove(base.resolve(gone));
            }
            seen.put(object.key(), object.sizeBytes());
          });

      // The walk is in the first directory when it goes, and was not yet in the second.
      Map<Byte, Integer> times = new TreeMap<>();
      seen.keySet().forEach(key -> times.merge(key.chunkHash()[0], 1, Integer::sum));
      if (gone.startsWith("02")) {
        assertThat(times).isEqualTo(Map.of((byte) 1, 3, (byte) 3, 3));
      } else {
        assertThat(times).containsEntry((byte) 2, 3).containsEntry((byte) 3, 3);
      }
      assertThat(detail(directory, "foreign_files")).isZero();
      assertThat(listed(directory, 1)).hasSize(6);
    }
  }

  private static void remove(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes stat)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path at, IOException failure)
                throws IOException {
              Files.delete(at);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, m@0x00000001@0@abcd.data, true",
    "0, m@0x00000001@abcd.data, true",
    "0, ab/m@0x00000001@0@abcd.data, false",
    "0, ab/m@0x00000001@abcd.data, false",
    "0, /m@0x00000001@abcd.data, false",
    "0, README, false",
    "1, ab/m@0x00000001@0@abcd.data, true",
    "1, m@0x00000001@0@abcd.data, false",
    "1, ac/m@0x00000001@0@abcd.data, false",
    "1, AB/m@0x00000001@0@abcd.data, false",
    "1, ab/m@0x00000001@abcd.data, false",
    "1, ab/cd/m@0x00000001@0@abcd.data, false",
    "1, ../m@0x00000001@0@abcd.data, false",
    "2, ab/cd/m@0x00000001@0@abcd.data, true",
    "2, ab/00/m@0x00000001@0@ab.data, true",
    "2, ab/m@0x00000001@0@abcd.data, false",
    "2, ab/ce/m@0x00000001@0@abcd.data, false",
    "2, /ab/cd/m@0x00000001@0@abcd.data, false"
  })
  void aCursorIsAPlaceOfTheLayout(int levels, String path, boolean right, @TempDir Path base)
      throws Exception {
    checkCursor(base, levels, path, right);
  }

  @ParameterizedTest
  @CsvSource({"0, '', true", "0, ab/, false", "1, ab/, true", "1, '', false", "2, 00/ff/, true"})
  void aCursorMayBeOfADigestName(int levels, String place, boolean right, @TempDir Path base)
      throws Exception {
    checkCursor(base, levels, place + "lmc-" + "0a".repeat(32) + ".data", right);
  }

  private static void checkCursor(Path base, int levels, String path, boolean right)
      throws Exception {
    String cursor =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(path.getBytes(StandardCharsets.UTF_8));
    try (ObjectDirectory directory = ObjectDirectory.open(options(base, "", levels))) {
      if (right) {
        directory.checkCursor(cursor);
        assertThat(directory.page(new ListRequest(null, 1, cursor)).entries()).isEmpty();
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> directory.checkCursor(cursor))
            .withMessage("not a cursor of this adapter: " + cursor);
      }
    }
  }
}

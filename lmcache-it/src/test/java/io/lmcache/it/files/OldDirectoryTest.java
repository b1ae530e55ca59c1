// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A directory as upstream leaves it is served as it is. */
@Tag("native")
final class OldDirectoryTest {

  private static final Instant OLDEST = Instant.parse("2024-01-01T00:00:00Z");
  private static final ObjectKey PLAIN = key("org/model", 1, 0, "");
  private static final ObjectKey BOTH_NAMES = key("org/model", 9, 0, "");

  /** The name, whose object it is, the length of its payload and that of the file. */
  private record Old(String name, ObjectKey key, int size, int length) {

    static Old of(ObjectKey key, int size, int length) {
      return new Old(DamageFiles.name(key), key, size, length);
    }
  }

  private static final List<Old> OBJECTS =
      List.of(
          Old.of(PLAIN, 4096, 4096),
          Old.of(key("org/model", 2, 0, "tenant"), 1000, 1000),
          Old.of(key("org/model", 3, 5, ""), 12_345, 12_800),
          Old.of(key("org/model", 4, 5, "tenant"), 12_345, 16_384),
          Old.of(key("a/b/c", 5, 0, ""), 100, 65_536),
          new Old(
              "org-SEP-model@0x01000100@00000000000000000000000000000006.data",
              key("org/model", 6, 0, ""),
              2048,
              2048),
          new Old(
              "org-SEP-model@0x01000100@00000000000000000000000000000007.data",
              key("org/model", 7, 0, ""),
              3000,
              4096),
          // Upstream's oldest form with a salt; it reads it as the new form, and so do we.
          new Old(
              "org-SEP-model@0x01000100@12@abcd.data",
              ObjectKey.of(
                  new byte[] {(byte) 0xab, (byte) 0xcd}, "org/model", 0x01000100, 0x12, ""),
              777,
              777),
          Old.of(BOTH_NAMES, 512, 512));

  /** What is no object: half-written files, and an old name whose key has a newer one. */
  private static final List<String> FOREIGN =
      List.of(
          "org-SEP-model@0x01000100@0@00000000000000000000000000000001.tmp",
          "org-SEP-model@0x01000100@00000000000000000000000000000009.data",
          "org-SEP-model@0x01000100@00000000000000000000000000000008@Salt.data");

  @TempDir Path root;

  private static ObjectKey key(String model, int n, int group, String salt) {
    byte[] hash = new byte[16];
    hash[15] = (byte) n;
    return ObjectKey.of(hash, model, 0x01000100, group, salt);
  }

  /** Each file newer than the one before it; they are created in another order. */
  private Path upstreams() throws IOException {
    Path base = Files.createDirectory(root.resolve("l2"));
    for (int i = OBJECTS.size() - 1; i >= 0; i--) {
      Old old = OBJECTS.get(i);
      Path file = base.resolve(old.name());
      DamageFiles.writePlain(file, Content.bytes(old.key(), 1, old.size()), old.length());
      Files.setLastModifiedTime(file, FileTime.from(OLDEST.plusSeconds(i)));
    }
    for (String name : FOREIGN) {
      Files.write(base.resolve(name), new byte[] {1, 2, 3});
    }
    return base;
  }

  private static Map<ObjectKey, Long> expected() {
    Map<ObjectKey, Long> sizes = new LinkedHashMap<>();
    OBJECTS.forEach(old -> sizes.put(old.key(), (long) old.length()));
    return sizes;
  }

  private static List<String> recoveredInOrder() {
    return OBJECTS.stream()
        .map(old -> DamageEvents.line("recovered", old.key(), old.length()))
        .toList();
  }

  private static Map<String, String> snapshots(Path base) throws IOException {
    Map<String, String> all = new HashMap<>();
    for (Old old : OBJECTS) {
      all.put(old.name(), DamageFiles.snapshot(base.resolve(old.name())));
    }
    for (String name : FOREIGN) {
      all.put(name, DamageFiles.snapshot(base.resolve(name)));
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void everyObjectIsFoundListedCountedAndLoadedInTheOrderOfItsUse(Engine engine, boolean shared)
      throws IOException {
    Path base = upstreams();
    Map<String, String> before = snapshots(base);
    for (int round = 0; round < 2; round++) {
      DamageEvents events = new DamageEvents();
      try (FileAdapter adapter =
          FileAdapter.open(engine, base, events, "\"shared\": " + shared).recovered()) {
        FileAdapter.await("events", () -> events.heard().size() == OBJECTS.size());
        assertThat(events.heard()).isEqualTo(recoveredInOrder());
        assertThat(adapter.list()).isEqualTo(expected());
        assertUsage(adapter);
        assertThat(adapter.counter("foreign_files")).isEqualTo(FOREIGN.size());
        assertThat(adapter.counter("old_names")).isEqualTo(2);
        for (Old old : OBJECTS) {
          assertThat(adapter.lookup(old.key())).as(old.name()).isEqualTo(old.length());
          adapter.mustLoad(old.key(), 1, old.size());
        }
        assertThat(DamageCase.counters(adapter))
            .isEqualTo(DamageCase.only("unverified", OBJECTS.size()));
        assertThat(adapter.list()).isEqualTo(expected());
        assertUsage(adapter);
      }
      assertThat(events.heard()).isEqualTo(recoveredInOrder());
      assertThat(snapshots(base)).as("the files").isEqualTo(before);
    }
  }

  private static void assertUsage(FileAdapter adapter) {
    assertThat(adapter.usage().storedBytes()).isEqualTo(AccountingKeys.sum(expected()));
    assertThat(adapter.usage().storedObjects()).isEqualTo(OBJECTS.size());
    assertThat(adapter.usage().bytesBySalt()).isEqualTo(AccountingKeys.bySalt(expected()));
  }

  @ParameterizedTest
  @CsvSource({"FS_JAVA, false", "FS_JAVA, true", "FS_NATIVE, false", "FS_NATIVE, true"})
  void everyObjectCanBeReplacedAndDeletedAndNothingElseIsTouched(Engine engine, boolean shared)
      throws IOException {
    Path base = upstreams();
    Map<String, String> before = snapshots(base);
    try (FileAdapter adapter =
        FileAdapter.open(engine, base, "\"shared\": " + shared).recovered()) {
      for (Old old : OBJECTS) {
        assertThat(adapter.store(old.key(), 2, old.size(), StoreMode.IF_ABSENT))
            .as(old.name())
            .isEqualTo(
                old.size() == old.length() ? StoreOutcome.ALREADY_PRESENT : StoreOutcome.STORED);
        assertThat(adapter.store(old.key(), 3, 600, StoreMode.REPLACE))
            .isEqualTo(StoreOutcome.STORED);
        assertThat(adapter.lookup(old.key())).isEqualTo(600);
        adapter.mustLoad(old.key(), 3, 600);
      }
      assertThat(adapter.usage().storedBytes()).isEqualTo(600L * OBJECTS.size());
    }
    int deleted = 0;
    try (FileAdapter adapter =
        FileAdapter.open(engine.other(), base, "\"shared\": " + shared).recovered()) {
      assertThat(adapter.usage().storedBytes()).isEqualTo(600L * OBJECTS.size());
      for (Old old : OBJECTS) {
        adapter.mustLoad(old.key(), 3, 600);
        assertThat(adapter.delete(old.key())).isEqualTo(DeleteOutcome.DELETED);
        assertThat(adapter.lookup(old.key())).isNull();
        deleted++;
      }
      assertThat(adapter.usage().storedObjects()).isZero();
      assertThat(adapter.counter("unverified")).isZero();
    }
    assertThat(deleted).isEqualTo(9);
    Map<String, String> after = snapshots(base);
    for (Old old : OBJECTS) {
      assertThat(after).containsEntry(old.name(), "nothing");
    }
    for (String name : FOREIGN) {
      assertThat(after.get(name)).isEqualTo(before.get(name));
    }
  }
}

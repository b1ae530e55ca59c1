// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static io.lmcache.it.files.DamageScene.SIZE;
import static io.lmcache.it.files.DamageScene.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One kind of damage, met by one adapter; each method is one way to meet it. */
final class DamageCase {

  /** What status counts of files that are not as they should be. */
  static final List<String> COUNTERS =
      List.of("corrupt", "corrupt_kept", "unverified", "foreign", "empty", "size_mismatch");

  private final DamageKind kind;
  private final Engine engine;
  private final boolean shared;
  private final DamageScene scene;
  private final ObjectKey key;
  private final List<String> expectedEvents = new ArrayList<>();

  DamageCase(DamageKind kind, Engine engine, boolean shared, Path root) throws IOException {
    this.kind = kind;
    this.engine = engine;
    this.shared = shared;
    Path above = Files.createDirectories(root.resolve(kind.name()));
    this.scene = DamageScene.of(above.resolve("l2"), 1);
    this.key = scene.key();
  }

  private FileAdapter open(DamageEvents events) throws IOException {
    return FileAdapter.open(engine, scene.base(), events, "\"shared\": " + shared).recovered();
  }

  static Map<String, Long> counters(FileAdapter adapter) {
    Map<String, Long> counters = new TreeMap<>();
    COUNTERS.forEach(name -> counters.put(name, adapter.counter(name)));
    return counters;
  }

  static Map<String, Long> only(@Nullable String counter, long value) {
    Map<String, Long> counters = new TreeMap<>();
    COUNTERS.forEach(name -> counters.put(name, 0L));
    if (counter != null) {
      counters.put(counter, value);
    }
    return counters;
  }

  /** What somebody who asks the directory sees; null for a miss. */
  private @Nullable Long visible() {
    return kind.visibleBytes() < 0 ? null : Long.valueOf(kind.visibleBytes());
  }

  private Map<ObjectKey, Long> listing(@Nullable Long size) {
    Map<ObjectKey, Long> listing = new HashMap<>();
    listing.put(scene.neighbour(), (long) SIZE);
    if (size != null) {
      listing.put(key, size);
    }
    return listing;
  }

  /** Damaged while the adapter is open, then loaded. */
  void load() throws IOException {
    DamageEvents events = new DamageEvents();
    expectedEvents.add(DamageEvents.line("stored", scene.neighbour(), SIZE));
    expectedEvents.add(DamageEvents.line("stored", key, SIZE));
    try (FileAdapter adapter = open(events)) {
      scene.fill(adapter);
      kind.happenTo(scene);
      loadDamaged(adapter, (long) SIZE);
    }
    if (kind.row().endsObject() || kind.visibleBytes() == SIZE) {
      assertThat(events.heard()).as("events").isEqualTo(expectedEvents);
    }
  }

  /** Damaged before the adapter opens, then found by its scan, then loaded. */
  void recover() throws IOException {
    scene.fill();
    kind.happenTo(scene);
    String before = objects();
    DamageEvents events = new DamageEvents();
    try (FileAdapter adapter = open(events)) {
      Long size = visible();
      assertThat(adapter.lookup(key)).as("lookup").isEqualTo(size);
      assertThat(adapter.list()).as("list").isEqualTo(listing(size));
      assertUsage(adapter, size);
      assertThat(adapter.detail("foreign_files"))
          .as("foreign_files")
          .isEqualTo(kind.row() == DamageRow.NO_FILE ? "1" : "0");
      assertThat(adapter.detail("empty_files"))
          .as("empty_files")
          .isEqualTo(kind.row() == DamageRow.EMPTY ? "1" : "0");
      assertThat(counters(adapter)).as("counters").isEqualTo(only(null, 0));
      assertThat(objects()).as("the files").isEqualTo(before);
      FileAdapter.await(
          "events of the scan", () -> events.heard().size() == (size == null ? 1 : 2));
      expectedEvents.addAll(events.heard()); // The order is another test's.
      assertThat(expectedEvents)
          .as("events of the scan")
          .contains(DamageEvents.line("recovered", scene.neighbour(), SIZE));
      if (size != null) {
        assertThat(expectedEvents).contains(DamageEvents.line("recovered", key, size));
      }
      loadDamaged(adapter, size);
    }
    assertThat(events.heard()).as("events").isEqualTo(expectedEvents);
  }

  private String objects() throws IOException {
    return DamageFiles.snapshot(scene.file()) + DamageFiles.snapshot(scene.neighbourFile());
  }

  /** One load, and everything that it says and does. */
  private void loadDamaged(FileAdapter adapter, @Nullable Long known) throws IOException {
    DamageRow row = kind.row();
    String before = DamageFiles.snapshot(scene.file());
    String neighbourBefore = DamageFiles.snapshot(scene.neighbourFile());
    assertThat(adapter.load(key, VERSION, SIZE)).as("load").isEqualTo(row.outcome());
    assertThat(counters(adapter)).as("counters").isEqualTo(only(row.counter(), 1));
    assertThat(DamageFiles.snapshot(scene.file()))
        .as("the file")
        .isEqualTo(row.kept() ? before : "nothing");
    assertThat(DamageFiles.snapshot(scene.neighbourFile()))
        .as("the file beside it")
        .isEqualTo(neighbourBefore);
    assertThat(adapter.adapter().loans()).as("loans").isZero();
    if (row.endsObject()) {
      boolean corrupt = row == DamageRow.CORRUPT;
      if (known != null) {
        RemovalReason reason = corrupt ? RemovalReason.CORRUPT : RemovalReason.GONE;
        expectedEvents.add(DamageEvents.removed(reason, key, known));
      }
      assertUsage(adapter, null);
      if (!row.kept() || !shared) {
        assertThat(adapter.lookup(key)).as("lookup after the load").isNull();
        assertThat(adapter.list()).as("list after the load").isEqualTo(listing(null));
      }
    } else if (known != null && known == kind.visibleBytes()) {
      assertUsage(adapter, known); // What follows from a change of the size is another test's.
    }
    if (row == DamageRow.CORRUPT) {
      storeAgain(adapter);
    }
  }

  private void storeAgain(FileAdapter adapter) {
    assertThat(adapter.store(key, VERSION + 1, SIZE, StoreMode.IF_ABSENT))
        .as("store after the load")
        .isEqualTo(StoreOutcome.STORED);
    expectedEvents.add(DamageEvents.line("stored", key, SIZE));
    adapter.mustLoad(key, VERSION + 1, SIZE);
    assertUsage(adapter, (long) SIZE);
    assertThat(counters(adapter)).as("counters after a store").isEqualTo(only("corrupt", 1));
  }

  /** The neighbour is always there. */
  private void assertUsage(FileAdapter adapter, @Nullable Long size) {
    assertThat(adapter.usage().storedBytes())
        .as("usage")
        .isEqualTo(SIZE + (size == null ? 0 : size));
    assertThat(adapter.usage().storedObjects()).as("objects").isEqualTo(size == null ? 1 : 2);
  }
}

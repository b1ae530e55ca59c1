// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.TestObjects.assertHolds;
import static io.lmcache.l2.fs.jni.TestObjects.assertPoisoned;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.delete;
import static io.lmcache.l2.fs.jni.TestObjects.key;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.load;
import static io.lmcache.l2.fs.jni.TestObjects.lookup;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.replace;
import static io.lmcache.l2.fs.jni.TestObjects.store;
import static io.lmcache.l2.fs.jni.TestObjects.why;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.l2.fs.ObjectFileNames;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CloseReport;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Health;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.LookupRequest;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.Options;
import io.lmcache.spi.Priority;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code fs_native} on real files, one behaviour after the other. */
@Tag("native")
final class FsNativeAdapterTest {

  private static final int SIZE = 10_001;

  @TempDir Path dir;
  private final TestContext context = new TestContext();
  private L2Adapter adapter;

  @BeforeEach
  void open() throws Exception {
    adapter = open(dir.resolve("cache dir"), "", 4);
  }

  @AfterEach
  void close() {
    assertThat(adapter.loans()).isZero();
    adapter.close();
    assertThat(context.liveThreads()).isEmpty();
  }

  private L2Adapter open(Path base, String tmp, int workers) throws Exception {
    FsNativeConfig config = FsNativeConfigs.of(base, workers, tmp, 0);
    return new FsNativeAdapterFactory().open(AdapterSpec.of("fs_native", config), context);
  }

  private Path file(ObjectKey key) throws Exception {
    return dir.resolve("cache dir").resolve(ObjectFileNames.encode(key));
  }

  private List<String> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(".lmcache"))
          .sorted()
          .toList();
    }
  }

  @Test
  void storesAndLoadsEveryByte() throws Exception {
    List<ObjectKey> keys = keys(50);
    assertThat(store(adapter, keys, 1, SIZE).count(StoreOutcome.STORED)).isEqualTo(50);
    assertThat(filesIn(dir.resolve("cache dir"))).hasSize(50).allMatch(n -> n.endsWith(".data"));
    assertThat(Files.getPosixFilePermissions(file(key(0))))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));

    List<MemoryObject> into = keys.stream().map(key -> poisoned(SIZE)).toList();
    assertThat(load(adapter, keys, into).count(LoadOutcome.LOADED)).isEqualTo(50);
    for (int i = 0; i < 50; i++) {
      assertHolds(into.get(i), keys.get(i), 1);
    }
    assertThat(context.takeEvents(2))
        .containsExactly(
            "stored " + keys + " " + Collections.nCopies(50, (long) SIZE), "accessed " + keys);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 4096, 6 * 1024 * 1024 + 1})
  void everySizeComesBack(int size) {
    ObjectKey key = key(size);
    assertThat(store(adapter, List.of(key), 7, size).outcome(0)).isEqualTo(StoreOutcome.STORED);
    MemoryObject into = poisoned(size);
    assertThat(load(adapter, List.of(key), List.of(into)).outcome(0)).isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, key, 7);
    try (LookupLease lease = lookup(adapter, List.of(key))) {
      assertThat(lease.get(0).sizeBytes()).isEqualTo(size);
      assertThat(lease.get(0).sizeExact()).isTrue();
    }
  }

  @Test
  void ifAbsentMovesNoByteWhenTheSizeIsTheSame() throws Exception {
    store(adapter, List.of(key(1)), 1, SIZE);
    Object inode = Files.getAttribute(file(key(1)), "unix:ino");
    context.takeEvents(1);
    assertThat(store(adapter, List.of(key(1)), 2, SIZE).outcome(0))
        .isEqualTo(StoreOutcome.ALREADY_PRESENT);
    assertThat(Files.getAttribute(file(key(1)), "unix:ino")).isEqualTo(inode);
    MemoryObject into = poisoned(SIZE);
    load(adapter, List.of(key(1)), List.of(into));
    assertHolds(into, key(1), 1);
    assertThat(context.takeEvents(1)).containsExactly("accessed [" + key(1) + "]");
  }

  @Test
  void ifAbsentReplacesAnotherSize() {
    store(adapter, List.of(key(1)), 1, SIZE);
    context.takeEvents(1);
    assertThat(store(adapter, List.of(key(1)), 2, SIZE + 1).outcome(0))
        .isEqualTo(StoreOutcome.STORED);
    assertThat(context.takeEvents(2))
        .containsExactly(
            "removed [" + key(1) + "] [" + SIZE + "] REPLACED",
            "stored [" + key(1) + "] [" + (SIZE + 1) + "]");
    assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE + 1);
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
  }

  @Test
  void replaceWritesAlsoWhenTheSizeIsTheSame() {
    store(adapter, List.of(key(1)), 1, SIZE);
    assertThat(replace(adapter, List.of(key(1)), 2, SIZE).outcome(0))
        .isEqualTo(StoreOutcome.STORED);
    MemoryObject into = poisoned(SIZE);
    load(adapter, List.of(key(1)), List.of(into));
    assertHolds(into, key(1), 2);
    assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE);
  }

  @Test
  void loadWantsTheExactSize() {
    store(adapter, List.of(key(1)), 1, SIZE);
    MemoryObject small = poisoned(SIZE - 1);
    MemoryObject large = poisoned(SIZE + 1);
    assertThat(load(adapter, List.of(key(1)), List.of(small)).outcome(0))
        .isEqualTo(LoadOutcome.SIZE_MISMATCH);
    assertThat(load(adapter, List.of(key(1)), List.of(large)).outcome(0))
        .isEqualTo(LoadOutcome.SIZE_MISMATCH);
    assertPoisoned(small);
    assertPoisoned(large);
  }

  @Test
  void absenceIsAnOutcome() {
    List<ObjectKey> keys = keys(3);
    store(adapter, List.of(key(1)), 1, SIZE);
    LoadResult loaded =
        load(adapter, keys, List.of(poisoned(SIZE), poisoned(SIZE), poisoned(SIZE)));
    assertThat(loaded.keys())
        .extracting(r -> r.outcome())
        .containsExactly(LoadOutcome.NOT_FOUND, LoadOutcome.LOADED, LoadOutcome.NOT_FOUND);
    try (LookupLease lease = lookup(adapter, keys)) {
      assertThat(List.of(lease.hit(0), lease.hit(1), lease.hit(2)))
          .containsExactly(false, true, false);
      assertThat(lease.error(0)).isNull();
    }
    assertThat(delete(adapter, keys).keys())
        .extracting(r -> r.outcome())
        .containsExactly(DeleteOutcome.ABSENT, DeleteOutcome.DELETED, DeleteOutcome.ABSENT);
  }

  @Test
  void prefixLookupsEndAtTheFirstMissAndPinNothingBehindIt() {
    List<ObjectKey> keys = keys(5);
    store(adapter, List.of(key(0), key(1), key(3), key(4)), 1, SIZE);
    try (LookupLease lease =
        await(adapter.lookup(new LookupRequest(keys, Extent.PREFIX, true, Options.DEFAULT)))) {
      assertThat(List.of(lease.hit(0), lease.hit(1), lease.hit(2), lease.hit(3), lease.hit(4)))
          .containsExactly(true, true, false, false, false);
      assertThat(adapter.status().pinnedKeys()).isEqualTo(2);
      assertThat(delete(adapter, List.of(key(3))).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
    }
  }

  @Test
  void pinsKeepDeletesAwayUntilReleased() {
    List<ObjectKey> keys = keys(2);
    store(adapter, keys, 1, SIZE);
    LookupLease first = lookup(adapter, keys);
    LookupLease second = lookup(adapter, List.of(key(0)));
    assertThat(adapter.status().leases()).hasSize(2);
    assertThat(delete(adapter, keys).count(DeleteOutcome.PINNED)).isEqualTo(2);
    first.release(0);
    first.release(0);
    first.release(1);
    assertThat(delete(adapter, keys).keys())
        .extracting(r -> r.outcome())
        .containsExactly(DeleteOutcome.PINNED, DeleteOutcome.DELETED);
    second.close();
    assertThat(delete(adapter, keys).keys())
        .extracting(r -> r.outcome())
        .containsExactly(DeleteOutcome.DELETED, DeleteOutcome.ABSENT);
    assertThat(adapter.status().pinnedKeys()).isZero();
  }

  @Test
  void lookupWithoutPinPinsNothing() {
    store(adapter, keys(1), 1, SIZE);
    LookupLease lease =
        await(adapter.lookup(new LookupRequest(keys(1), Extent.ALL, false, Options.DEFAULT)));
    assertThat(lease.hit(0)).isTrue();
    assertThat(delete(adapter, keys(1)).outcome(0)).isEqualTo(DeleteOutcome.DELETED);
  }

  @Test
  void aKeyWithoutFileNameFailsAlone() throws Exception {
    ObjectKey reserved = ObjectKey.of(new byte[] {1}, "a-SEP-b", 0);
    ObjectKey tooLong = ObjectKey.of(new byte[200], "model", 0);
    StoreResult result = store(adapter, List.of(key(0), reserved, tooLong, key(1)), 1, SIZE);
    assertThat(result.keys())
        .extracting(r -> r.outcome())
        .containsExactly(
            StoreOutcome.STORED, StoreOutcome.FAILED, StoreOutcome.STORED, StoreOutcome.STORED);
    assertThat(why(result.error(1)).code()).isEqualTo(L2ErrorCode.UNSUPPORTED_KEY);
    assertThat(why(result.error(1)).text()).contains("-SEP-", reserved.toString());
    assertThat(filesIn(dir.resolve("cache dir")))
        .as("the name of a key that has none of 255 bytes")
        .anyMatch(ObjectFileNames::isDigestName);
    MemoryObject into = poisoned(SIZE);
    assertThat(load(adapter, List.of(tooLong), List.of(into)).outcome(0))
        .isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, tooLong, 1);
    assertThat(adapter.usage().inFlightBytes()).isZero();
  }

  @Test
  void aDirectoryInTheWayFailsThatKeyWithPathAndErrno() throws Exception {
    Files.createDirectory(file(key(0)));
    StoreResult result = store(adapter, keys(2), 1, SIZE);
    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertThat(result.outcome(1)).isEqualTo(StoreOutcome.STORED);
    assertThat(why(result.error(0)).nativeCode()).isEqualTo("EEXIST");
    assertThat(why(result.error(0)).text())
        .contains("no object of ours", file(key(0)).toString(), "EEXIST");
    try (LookupLease lease = lookup(adapter, keys(1))) {
      assertThat(lease.hit(0)).isFalse();
    }
    assertThat(filesIn(dir.resolve("cache dir"))).hasSize(2);
  }

  @Test
  void theBaseDirectoryGoneIsAFailureAndNotAbsence() throws Exception {
    store(adapter, keys(1), 1, SIZE);
    try (Stream<Path> all = Files.walk(dir.resolve("cache dir"))) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    StoreResult result = store(adapter, List.of(key(1)), 1, SIZE);
    assertThat(result.outcome(0)).isEqualTo(StoreOutcome.FAILED);
    assertThat(why(result.error(0)).code()).isEqualTo(L2ErrorCode.UNAVAILABLE);
    assertThat(why(result.error(0)).text()).contains("create", "ENOENT");
  }

  @Test
  void usageFollowsEveryChange() throws Exception {
    ObjectKey salted = ObjectKey.of(new byte[] {9}, "org/model", 0, 0, "tenant");
    store(adapter, List.of(key(0), key(1), salted), 1, SIZE);
    assertThat(adapter.usage().storedBytes()).isEqualTo(3L * SIZE);
    assertThat(adapter.usage().bytesBySalt())
        .containsEntry("", 2L * SIZE)
        .containsEntry("tenant", (long) SIZE);
    delete(adapter, List.of(salted));
    assertThat(adapter.usage().bytesBySalt()).containsOnlyKeys("");
    Files.delete(file(key(0)));
    context.takeEvents(2);
    load(adapter, List.of(key(0)), List.of(poisoned(SIZE)));
    assertThat(context.takeEvents(1))
        .containsExactly("removed [" + key(0) + "] [" + SIZE + "] GONE");
    assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE);
    assertThat(adapter.usage().storedObjects()).isEqualTo(1);
  }

  @Test
  void whatWasStoredIsThereForTheNextInstance() throws Exception {
    store(adapter, keys(20), 1, SIZE);
    adapter.close();
    context.takeEvents(1);
    adapter = open(dir.resolve("cache dir"), "", 2);
    while (adapter.usage().recovering()) {
      Thread.onSpinWait();
    }
    assertThat(adapter.usage().storedObjects()).isEqualTo(20);
    assertThat(adapter.usage().storedBytes()).isEqualTo(20L * SIZE);
    assertThat(context.takeEvents(1)).singleElement().asString().startsWith("recovered [");
    List<MemoryObject> into = keys(20).stream().map(key -> poisoned(SIZE)).toList();
    assertThat(load(adapter, keys(20), into).count(LoadOutcome.LOADED)).isEqualTo(20);
    for (int i = 0; i < 20; i++) {
      assertHolds(into.get(i), key(i), 1);
    }
    assertThat(store(adapter, keys(20), 1, SIZE).count(StoreOutcome.ALREADY_PRESENT)).isEqualTo(20);
    assertThat(adapter.usage().storedBytes()).isEqualTo(20L * SIZE);
  }

  @Test
  void anObjectOfSomebodyElseIsCountedOnceItIsMet() throws Exception {
    Files.write(file(key(0)), new byte[SIZE]);
    assertThat(store(adapter, keys(1), 1, SIZE).outcome(0)).isEqualTo(StoreOutcome.ALREADY_PRESENT);
    assertThat(adapter.usage().storedBytes()).isEqualTo(SIZE);
    assertThat(context.takeEvents(1)).containsExactly("recovered [" + key(0) + "] [" + SIZE + "]");
  }

  @Test
  void listsEveryKeyInPages() throws Exception {
    store(adapter, keys(25), 1, SIZE);
    Files.writeString(dir.resolve("cache dir/foreign.txt"), "not ours");
    Set<KeyEntry> seen = new HashSet<>();
    int pages = 0;
    for (ListRequest request = ListRequest.first(10); request != null; ) {
      KeyPage page = await(adapter.list(request));
      assertThat(page.error()).isNull();
      seen.addAll(page.entries());
      pages++;
      request = request.after(page);
    }
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(25).allMatch(entry -> entry.sizeBytes() == SIZE);
    assertThat(seen.stream().map(KeyEntry::key)).containsExactlyInAnyOrderElementsOf(keys(25));
    assertThatThrownBy(() -> adapter.list(new ListRequest(null, 10, "nonsense")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stagesBelowBasePathAndLeavesNothingThere() throws Exception {
    Path base = dir.resolve("other");
    try (L2Adapter nested = open(base, "tmp/staging", 1)) {
      assertThat(store(nested, keys(5), 1, SIZE).count(StoreOutcome.STORED)).isEqualTo(5);
      assertThat(filesIn(base.resolve("tmp/staging"))).isEmpty();
      assertThat(filesIn(base)).hasSize(6);
      assertThat(Files.getPosixFilePermissions(base.resolve("tmp/staging")))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void aPassedDeadlineFailsBeforeAnythingIsDone() {
    Options late = Options.DEFAULT.withDeadline(context.clock().instant());
    StoreResult result =
        await(
            adapter.store(
                new StoreRequest(
                    List.of(new StoreItem(key(0), poisoned(SIZE))), StoreMode.REPLACE, late)));
    assertThat(why(result.error(0)).code()).isEqualTo(L2ErrorCode.DEADLINE);
    DeleteResult deleted = await(adapter.delete(new DeleteRequest(keys(1), late)));
    assertThat(why(deleted.error(0)).code()).isEqualTo(L2ErrorCode.DEADLINE);
    Options inTime =
        Options.DEFAULT
            .withDeadline(context.clock().instant().plus(Duration.ofDays(100_000)))
            .withPriority(Priority.HIGH);
    assertThat(
            await(
                    adapter.store(
                        new StoreRequest(
                            List.of(new StoreItem(key(0), poisoned(SIZE))),
                            StoreMode.REPLACE,
                            inTime)))
                .outcome(0))
        .isEqualTo(StoreOutcome.STORED);
  }

  @Test
  void afterCloseEverythingAnswersClosed() {
    store(adapter, keys(2), 1, SIZE);
    LookupLease lease = lookup(adapter, keys(2));
    assertThat(adapter.close(Duration.ofSeconds(60))).isEqualTo(CloseReport.IDLE);
    assertThat(adapter.close(Duration.ofSeconds(60))).isEqualTo(CloseReport.IDLE);
    assertThat(why(store(adapter, keys(2), 1, SIZE).error(1)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(load(adapter, keys(1), List.of(poisoned(SIZE))).error(0)).code())
        .isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(lookup(adapter, keys(1)).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(delete(adapter, keys(1)).error(0)).code()).isEqualTo(L2ErrorCode.CLOSED);
    assertThat(why(await(adapter.list(ListRequest.first(1))).error()).code())
        .isEqualTo(L2ErrorCode.CLOSED);
    assertThat(adapter.status().health()).isEqualTo(Health.CLOSED);
    assertThat(adapter.usage().storedObjects()).isEqualTo(2);
    assertThat(lease.hit(0)).isTrue();
    lease.close();
  }

  @Test
  void callersCannotCompleteAStage() {
    var stage = adapter.store(StoreRequest.of(List.of(new StoreItem(key(0), poisoned(SIZE)))));
    stage.toCompletableFuture().complete(new StoreResult(List.of()));
    assertThat(await(stage).size()).isEqualTo(1);
  }

  @Test
  void onlyTheObjectIsWrittenNotItsPaddingNorItsNeighbour() throws Exception {
    ByteBuffer backing = ByteBuffer.allocateDirect(8192);
    for (int i = 0; i < 8192; i++) {
      backing.put(i, (byte) 0x5A);
    }
    store(adapter, keys(1), 1, 100);
    MemoryObject into = MemoryObject.padded(backing.slice(1024, 4096), 100);
    assertThat(load(adapter, keys(1), List.of(into)).outcome(0)).isEqualTo(LoadOutcome.LOADED);
    assertHolds(into, key(0), 1);
    for (int i = 0; i < 8192; i++) {
      if (i < 1024 || i >= 1024 + 4096) {
        assertThat(backing.get(i)).isEqualTo((byte) 0x5A);
      }
    }
  }

  @Test
  void openFailsWithOneLineThatSaysWhy() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "x");
    assertThatThrownBy(() -> open(file, "", 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("base_path " + file + " is not a directory");
    assertThatThrownBy(() -> open(file.resolve("below"), "", 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
    // Of the adapter that is open, which may still be looking at what is there.
    assertThat(context.liveThreads())
        .filteredOn(thread -> !thread.equals("lmc-recover"))
        .containsExactly("lmc-drain");
  }

  @Test
  void manyRequestsOfOneThreadAtOnce() {
    List<CompletionStage<StoreResult>> stages = new ArrayList<>();
    for (int r = 0; r < 100; r++) {
      List<StoreItem> items = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        ObjectKey key = key(1000 + r * 10 + i);
        items.add(new StoreItem(key, TestObjects.filled(key, r, 500)));
      }
      stages.add(adapter.store(StoreRequest.of(items)));
    }
    int stored = 0;
    for (var stage : stages) {
      stored += await(stage).count(StoreOutcome.STORED);
    }
    assertThat(stored).isEqualTo(1000);
    assertThat(adapter.usage().storedObjects()).isEqualTo(1000);
    for (int r = 0; r < 100; r++) {
      MemoryObject into = poisoned(500);
      ObjectKey key = key(1000 + r * 10 + r % 10);
      assertThat(load(adapter, List.of(key), List.of(into)).outcome(0))
          .isEqualTo(LoadOutcome.LOADED);
      assertHolds(into, key, r);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.Extent;
import io.lmcache.spi.Feature;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadResult;
import io.lmcache.spi.LookupLease;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an adapter says that it can take, and what it says to more. */
abstract class LimitRules {

  private static final int SIZE = 1000;

  /** Larger objects are not filled and compared, even if the adapter takes them. */
  private static final int LARGEST_TRIED = 32 * 1024 * 1024;

  // ---- sizes and names

  /**
   * Stores an object of exactly the largest size, if that is not more than 32 MiB, and one of a
   * byte more between two small ones. Where objects may be as large as memory objects can be, there
   * is no larger one to try.
   *
   * <p>If this fails, look at where the size is compared with the limit: before anything is sent,
   * key by key, and with "greater than".
   */
  @Test
  @Rule("LIMIT-1")
  void largerObjectsFailAlone(AdapterUnderTest a) throws IOException {
    long most = a.limits().maxObjectBytes();
    int large = most <= LARGEST_TRIED ? (int) most : SIZE;
    MemoryObject largest = a.filled(a.key(0), 1, large);
    StoreItem item = new StoreItem(a.key(0), largest);
    assertThat(Ops.store(a, StoreRequest.of(List.of(item))).outcome(0))
        .as("LIMIT-1: store of %s, which is not more than the limit", largest)
        .isEqualTo(StoreOutcome.STORED);
    // Into the same memory: it may be much.
    a.memory().poison(largest);
    assertThat(Ops.load(a, a.key(0), largest))
        .as("LIMIT-1: load of %s", largest)
        .isEqualTo(LoadOutcome.LOADED);
    TestMemory.assertHolds(largest, a.key(0), 1);
    if (most >= AdapterLimits.MAX_OBJECT_BYTES) {
      assertThat(most)
          .as("LIMIT-1: maxObjectBytes, no memory object being larger")
          .isEqualTo(AdapterLimits.MAX_OBJECT_BYTES);
      return;
    }
    List<ObjectKey> keys = a.keys(1, 3);
    int small = Math.min(SIZE, large);
    MemoryObject tooLarge = unfilled(a.directory().resolveSibling("too large"), most + 1);
    StoreResult result =
        Ops.store(
            a,
            StoreRequest.of(
                List.of(
                    new StoreItem(keys.get(0), a.filled(keys.get(0), 1, small)),
                    new StoreItem(keys.get(1), tooLarge),
                    new StoreItem(keys.get(2), a.filled(keys.get(2), 1, small)))));
    assertThat(result.keys())
        .as("LIMIT-1: a store of a small object, one of %d bytes and another small one", most + 1)
        .extracting(key -> key.outcome())
        .containsExactly(StoreOutcome.STORED, StoreOutcome.FAILED, StoreOutcome.STORED);
    Ops.assertError("LIMIT-1: a store of " + tooLarge, result.error(1), L2ErrorCode.TOO_LARGE);
    assertThat(Ops.hits(a, keys))
        .as("LIMIT-1: which of the three are there")
        .containsExactly(true, false, true);
    Ops.mustLoad(a, keys.get(0), 1, small);
    Ops.mustLoad(a, keys.get(2), 1, small);
  }

  /** Memory that takes none until somebody touches it. */
  private static MemoryObject unfilled(Path path, long size) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
      return MemoryObject.of(file.getChannel().map(MapMode.READ_ONLY, 0, size));
    }
  }

  /**
   * Uses keys that are one byte and much longer than the limit, between short ones. Where keys may
   * be as long as they can be, there is no longer one to try.
   *
   * <p>If this fails, look at whether the length is measured in bytes of UTF-8, whether the form
   * that is measured is {@code ObjectKey.toString()}, and whether every operation does it.
   */
  @Test
  @Rule("LIMIT-2")
  void longerKeysFailAlone(AdapterUnderTest a) {
    int most = a.limits().maxKeyBytes();
    if (most >= ObjectKey.MAX_CANONICAL_BYTES) {
      assertThat(most)
          .as("LIMIT-2: maxKeyBytes, no key being longer")
          .isEqualTo(ObjectKey.MAX_CANONICAL_BYTES);
      ObjectKey longest = longKey(a, most, "m");
      Ops.mustStore(a, List.of(a.key(0), longest), 1, SIZE);
      Ops.mustLoad(a, longest, 1, SIZE);
      return;
    }
    assertUnsupported(a, List.of(a.key(0), longKey(a, most + 1, "m"), a.key(1)));
    int longer = Math.min(ObjectKey.MAX_CANONICAL_BYTES, 2 * most);
    assertUnsupported(a, List.of(a.key(2), longKey(a, longer, "m"), a.key(3)));
    assertUnsupported(a, List.of(a.key(4), longKey(a, most + 1, "\u00e4"), a.key(5)));
  }

  /** A key of so many bytes, by a model name that goes on with a letter, over and over. */
  private static ObjectKey longKey(AdapterUnderTest a, int bytes, String letter) {
    byte[] hash = KeyShapes.hash(16, 1);
    int missing = bytes - bytes(ObjectKey.of(hash, a.model(), 1));
    assertThat(missing)
        .as("bytes by which a key of %d is longer than this test's", bytes)
        .isNotNegative();
    int each = letter.getBytes(StandardCharsets.UTF_8).length;
    String model = a.model() + letter.repeat(missing / each) + "m".repeat(missing % each);
    ObjectKey key = ObjectKey.of(hash, model, 1);
    assertThat(bytes(key)).as("bytes of %s", key).isEqualTo(bytes);
    return key;
  }

  private static int bytes(ObjectKey key) {
    return key.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** The key in the middle is refused by every operation, the others are not. */
  private static void assertUnsupported(AdapterUnderTest a, List<ObjectKey> keys) {
    StoreResult store = Ops.store(a, Ops.storeOf(a, keys, 1, SIZE, StoreMode.IF_ABSENT));
    LoadResult load = Ops.load(a, keys, Ops.poisoned(a, 3, SIZE));
    L2Error lookedUp;
    try (LookupLease lease = Ops.lookup(a, keys, Extent.ALL, false)) {
      assertThat(List.of(lease.hit(0), lease.hit(1), lease.hit(2)))
          .as("LIMIT-2: hits of a key, one of %d bytes and another", bytes(keys.get(1)))
          .containsExactly(true, false, true);
      lookedUp = lease.error(1);
    }
    DeleteResult delete = Ops.delete(a, keys);
    String what = " of a key of " + bytes(keys.get(1)) + " bytes";
    Ops.assertError("LIMIT-2: a store" + what, store.error(1), L2ErrorCode.UNSUPPORTED_KEY);
    Ops.assertError("LIMIT-2: a load" + what, load.error(1), L2ErrorCode.UNSUPPORTED_KEY);
    Ops.assertError("LIMIT-2: a lookup" + what, lookedUp, L2ErrorCode.UNSUPPORTED_KEY);
    L2ErrorCode refused =
        a.declines(Feature.DELETE) ? L2ErrorCode.DECLINED : L2ErrorCode.UNSUPPORTED_KEY;
    Ops.assertError("LIMIT-2: a delete" + what, delete.error(1), refused);
    for (int i : List.of(0, 2)) {
      assertThat(List.of(store.outcome(i).name(), load.outcome(i).name(), delete.outcome(i).name()))
          .as("LIMIT-2: outcomes of %s in requests with a longer key", keys.get(i))
          .containsExactly("STORED", "LOADED", a.declines(Feature.DELETE) ? "FAILED" : "DELETED");
    }
  }

  // ---- the limits themselves

  /**
   * Reads the limits at the beginning, after some work, and after close.
   *
   * <p>If this fails, look at limits that are asked from the storage each time, and at 0 for
   * "none": that is 1 for an alignment, and the SPI's own constant for the others.
   */
  @Test
  @Rule("LIMIT-3")
  void limitsMakeSenseAndStay(AdapterUnderTest a) {
    AdapterLimits limits = a.limits();
    assertThat(limits.maxObjectBytes()).as("LIMIT-3: maxObjectBytes").isPositive();
    assertThat(limits.maxKeysPerRequest()).as("LIMIT-3: maxKeysPerRequest").isPositive();
    assertThat(limits.maxKeyBytes()).as("LIMIT-3: maxKeyBytes").isPositive();
    assertThat(Integer.bitCount(limits.memoryAlignment()))
        .as("LIMIT-3: bits of memoryAlignment %d", limits.memoryAlignment())
        .isEqualTo(1);
    assertThat(Integer.bitCount(limits.lengthAlignment()))
        .as("LIMIT-3: bits of lengthAlignment %d", limits.lengthAlignment())
        .isEqualTo(1);
    assertThat(List.of(limits.memoryAlignment(), limits.lengthAlignment()))
        .as("LIMIT-3: alignments")
        .allMatch(alignment -> alignment > 0);
    Ops.mustStore(a, a.keys(4), 1, SIZE);
    assertThat(a.limits()).as("LIMIT-3: limits after a store").isEqualTo(limits);
    a.close();
    assertThat(a.limits()).as("LIMIT-3: limits after close").isEqualTo(limits);
  }

  /**
   * Compares what the limits decline with what the adapter's test class says.
   *
   * <p>If this fails, look at {@code declined} of the adapter's limits and at {@code declines()} of
   * its test class: they are the same set.
   */
  @Test
  @Rule("LIMIT-4")
  void declinedIsWhatTheTestClassSays(AdapterUnderTest a) {
    assertThat(a.limits().declined())
        .as("LIMIT-4: the %d features that the adapter declines", a.limits().declined().size())
        .isEqualTo(a.contract().declines());
  }

  /**
   * Deletes an object; an adapter that declines it says so for each key and keeps the object.
   *
   * <p>If this fails, look at whether what is declined is refused before anything is done, and
   * whether what works is declined.
   */
  @Test
  @Rule("LIMIT-4")
  void deletesWorkOrAreDeclined(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(3);
    Ledger ledger = new Ledger(a);
    ledger.store(Sizes.each(keys.subList(0, 2), SIZE), StoreMode.IF_ABSENT);
    DeleteResult delete = ledger.delete(keys);
    boolean declined = a.declines(Feature.DELETE);
    for (int i = 0; i < keys.size(); i++) {
      if (declined) {
        Ops.assertError(
            "LIMIT-4: a delete of " + keys.get(i), delete.error(i), L2ErrorCode.DECLINED);
      } else {
        assertThat(delete.error(i)).as("LIMIT-4: error of a delete of %s", keys.get(i)).isNull();
      }
    }
    assertThat(Ops.hits(a, keys))
        .as("LIMIT-4: which of %s are there, delete declined: %s", keys, declined)
        .containsExactly(declined, declined, false);
    ledger.assertUsage("a delete, declined: " + declined);
    ledger.assertHeard("LIMIT-4");
  }

  /**
   * Replaces an object; an adapter that declines it says so and keeps the old object.
   *
   * <p>If this fails, look at whether the mode of a store is looked at before anything is done.
   * Only REPLACE can be declined: an object of another size is replaced by IF_ABSENT in any case.
   */
  @Test
  @Rule("LIMIT-4")
  void replacementsWorkOrAreDeclined(AdapterUnderTest a) {
    List<ObjectKey> keys = a.keys(2);
    ObjectKey there = keys.get(0);
    boolean declined = a.declines(Feature.REPLACE);
    Ledger ledger = new Ledger(a);
    ledger.store(there, SIZE, StoreMode.IF_ABSENT);
    StoreResult result = Ops.store(a, Ops.storeOf(a, keys, 2, SIZE, StoreMode.REPLACE));
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result.outcome(i))
          .as("LIMIT-4: REPLACE store of %s", keys.get(i))
          .isEqualTo(ledger.store(keys.get(i), SIZE, StoreMode.REPLACE, true));
      if (declined) {
        Ops.assertError(
            "LIMIT-4: a REPLACE store of " + keys.get(i), result.error(i), L2ErrorCode.DECLINED);
      }
    }
    Ops.mustLoad(a, there, declined ? 1 : 2, SIZE);
    assertThat(Ops.isThere(a, keys.get(1)))
        .as("LIMIT-4: lookup of %s, REPLACE declined: %s", keys.get(1), declined)
        .isEqualTo(!declined);
    ledger.assertUsage("a REPLACE store, declined: " + declined);
    Ops.mustStore(a, List.of(a.key(2)), 1, SIZE);
  }

  /**
   * Lists the keys; an adapter that declines it says so by the page's error.
   *
   * <p>If this fails, look at whether a listing is refused by a page with an error, not by an
   * exception and not by an empty page.
   */
  @Test
  @Rule("LIMIT-4")
  void listingsWorkOrAreDeclined(AdapterUnderTest a) {
    Ops.mustStore(a, a.keys(2), 1, SIZE);
    KeyPage page = a.await("a page", a.adapter().list(new ListRequest(a.model(), 10, null)));
    if (a.declines(Feature.LIST)) {
      Ops.assertError("LIMIT-4: a listing of " + a.model(), page.error(), L2ErrorCode.DECLINED);
      assertThat(page.entries()).as("LIMIT-4: keys of a page that is declined").isEmpty();
      assertThat(page.nextCursor()).as("LIMIT-4: cursor of a page that is declined").isNull();
    } else {
      assertThat(page.error())
          .as("LIMIT-4: error of a page of %s, LIST not being declined", a.model())
          .isNull();
      assertThat(Ops.list(a, 10))
          .as("LIMIT-4: keys of a walk")
          .containsOnlyKeys(a.key(0), a.key(1));
    }
  }

  /**
   * Closes the adapter and opens the next one; what was stored is there, unless PERSISTENCE is
   * declined: then nothing is.
   *
   * <p>If this fails, look at what an adapter that keeps nothing finds of an earlier one.
   */
  @Test
  @Rule("LIMIT-4")
  void objectsStayOrPersistenceIsDeclined(AdapterUnderTest a) {
    Ops.mustStore(a, a.keys(2), 1, SIZE);
    a.reopen();
    boolean stays = !a.declines(Feature.PERSISTENCE);
    assertThat(Ops.hits(a, a.keys(2)))
        .as(
            "LIMIT-4: which of %s are there after a close, PERSISTENCE declined: %s",
            a.keys(2), !stays)
        .containsExactly(stays, stays);
    if (!stays) {
      assertThat(a.current().atOpen().storedObjects())
          .as("LIMIT-4: objects counted when the next adapter opens")
          .isZero();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Feature;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreItem;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import io.lmcache.spi.StoreRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a walk over the keys names, while nothing changes and while much does. */
abstract class ListRules {

  private static final int SIZE = 300;
  private static final List<Integer> PAGE_SIZES = List.of(1, 3, ListRequest.MAX_PAGE_SIZE);

  /**
   * Walks over keys of different sizes, in pages of one, three and all: every key that was stored
   * is named with its size, and no other. An adapter that declines listings says so.
   *
   * <p>If this fails, look at whether the last entry of a page and the first of the next are told
   * apart, at what the cursor of a full last page is, and at where the size comes from.
   */
  @Test
  @Rule("LIST-1")
  void everyKeyIsNamedWithItsSize(AdapterUnderTest a) {
    Map<ObjectKey, Long> expected = new HashMap<>();
    List<StoreItem> items = new ArrayList<>();
    for (ObjectKey key : a.keys(Batches.count(a, 30))) {
      int size = Batches.bytes(a, 100 + 7 * items.size());
      items.add(new StoreItem(key, a.filled(key, 1, size)));
      expected.put(key, (long) size);
    }
    ObjectKey salted = a.key(1, "salt");
    Ops.mustStore(a, List.of(salted), 1, SIZE);
    expected.put(salted, (long) SIZE);
    a.await("a store", a.adapter().store(StoreRequest.of(items)));
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    for (int pageSize : PAGE_SIZES) {
      assertThat(Walk.over(a, pageSize).sizes())
          .as("LIST-1: keys and sizes of a walk, page size %d", pageSize)
          .isEqualTo(expected);
    }
  }

  /**
   * Walks over no keys, over many, and over what deletes and replacements left of them.
   *
   * <p>If this fails, look at what a listing is made from: it has to show a change as soon as the
   * change's stage is complete.
   */
  @Test
  @Rule("LIST-1")
  void deletedAndReplacedKeysAreNamedRightly(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    assertThat(Walk.over(a, 7).sizes()).as("LIST-1: keys of a model that has none").isEmpty();
    List<ObjectKey> keys = a.keys(Batches.count(a, 300));
    Ops.mustStore(a, keys, 1, SIZE);
    Map<ObjectKey, Long> expected = new HashMap<>();
    keys.forEach(key -> expected.put(key, (long) SIZE));
    assertThat(Walk.over(a, 7).sizes())
        .as("LIST-1: keys of a walk over %d", keys.size())
        .isEqualTo(expected);
    List<ObjectKey> replaced = Batches.everySecond(keys, 0);
    replace(a, replaced, 2, SIZE - 1);
    replaced.forEach(key -> expected.put(key, SIZE - 1L));
    List<ObjectKey> deleted = keys.subList(0, keys.size() / 3);
    if (!a.declines(Feature.DELETE) && !deleted.isEmpty()) {
      Expect.deleted("DELETE-1", deleted, Ops.delete(a, deleted), DeleteOutcome.DELETED);
      expected.keySet().removeAll(deleted);
    }
    assertThat(Walk.over(a, 50).sizes())
        .as("LIST-1: keys and sizes after %d replacements and deletes", replaced.size())
        .isEqualTo(expected);
  }

  private static void replace(AdapterUnderTest a, List<ObjectKey> keys, int version, int size) {
    StoreRequest request = Ops.storeOf(a, keys, version, size, StoreMode.IF_ABSENT);
    Expect.stored("STORE-3", keys, Ops.store(a, request), StoreOutcome.STORED);
  }

  /**
   * Stores the same hashes under models whose names are much alike, and walks over each; a walk
   * over all names the keys of all.
   *
   * <p>If this fails, look at whether names are compared as a whole, or by how they begin, without
   * regard to case, or after a character of them was replaced.
   */
  @Test
  @Rule({"LIST-2", "LIST-1"})
  void aWalkNamesItsModelOnly(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    String model = a.model();
    List<String> models =
        List.of(
            model,
            model + "-2",
            model + "/2",
            model + "_2",
            model.toUpperCase(Locale.ROOT),
            "x" + model,
            model.substring(0, model.length() - 1));
    Map<String, Set<ObjectKey>> keys = new HashMap<>();
    for (String name : models) {
      List<ObjectKey> of = new ArrayList<>();
      for (ObjectKey key : a.keys(Batches.count(a, 4))) {
        of.add(ObjectKey.of(key.chunkHash(), name, key.kvRank()));
      }
      Ops.mustStore(a, of, 1, SIZE);
      keys.put(name, Set.copyOf(of));
    }
    Set<ObjectKey> all = new HashSet<>();
    for (String name : models) {
      all.addAll(keys.get(name));
      for (int pageSize : PAGE_SIZES) {
        assertThat(Walk.over(a, name, pageSize, soFar -> {}).keys())
            .as("LIST-2: keys of a walk over %s, page size %d", name, pageSize)
            .isEqualTo(keys.get(name));
      }
    }
    assertThat(Walk.over(a, null, 1000, soFar -> {}).keys())
        .as("LIST-1: keys of a walk over all models, among them %s", models)
        .containsAll(all);
  }

  /**
   * Stores and deletes keys while pages are under way, and between pages; those that are deleted
   * have been named already, if any was. The keys that stay are all named.
   *
   * <p>If this fails, look at whether a cursor is a number of entries: what goes moves the others
   * forward. It has to say behind which key, or in which part of the storage, the walk goes on.
   */
  @Test
  @Rule("LIST-3")
  void whatStaysIsNamedWhateverComesAndGoes(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    int from = 0;
    for (int pageSize : List.of(1, 3, 10, ListRequest.MAX_PAGE_SIZE)) {
      List<ObjectKey> keys = a.keys(from, Batches.count(a, 60));
      Ops.mustStore(a, keys, 1, SIZE);
      List<ObjectKey> stay = Batches.everySecond(keys, 0);
      Deque<ObjectKey> going = new ArrayDeque<>(Batches.everySecond(keys, 1));
      Deque<ObjectKey> coming = new ArrayDeque<>(a.keys(from + 500, 20));
      AtomicInteger changes = new AtomicInteger();
      Set<ObjectKey> named =
          Walk.over(a, a.model(), pageSize, soFar -> change(a, soFar, going, coming, changes))
              .keys();
      assertThat(changes.get()).as("keys that came or went during a walk").isGreaterThan(0);
      assertThat(named)
          .as(
              "LIST-3: keys of a walk, page size %d, during which %d came or went",
              pageSize, changes.get())
          .containsAll(stay);
      from += 1000;
    }
  }

  private static void change(
      AdapterUnderTest a,
      Set<ObjectKey> named,
      Deque<ObjectKey> going,
      Deque<ObjectKey> coming,
      AtomicInteger changes) {
    if (!going.isEmpty() && !a.declines(Feature.DELETE)) {
      ObjectKey goes = going.stream().filter(named::contains).findFirst().orElse(going.getFirst());
      going.remove(goes);
      Expect.deleted(
          "DELETE-1", List.of(goes), Ops.delete(a, List.of(goes)), DeleteOutcome.DELETED);
      changes.incrementAndGet();
    }
    if (!coming.isEmpty()) {
      Ops.mustStore(a, List.of(coming.removeLast()), 1, SIZE);
      changes.incrementAndGet();
    }
  }

  /**
   * Replaces keys while a walk is under way, one or two for each page: the replaced ones are there
   * all the time, and are named.
   *
   * <p>If this fails, look at whether a replacement gives a key a new place in the order of the
   * walk, one that the walk may have passed.
   */
  @Test
  @Rule("LIST-3")
  void whatIsReplacedMeanwhileIsNamed(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    List<ObjectKey> keys = a.keys(Batches.count(a, 40));
    Ops.mustStore(a, keys, 1, SIZE);
    int size = SIZE;
    for (int pageSize : List.of(1, 3, ListRequest.MAX_PAGE_SIZE)) {
      // From both ends, as nobody knows the order of a walk.
      Deque<ObjectKey> left = new ArrayDeque<>(keys);
      size++;
      int newSize = size;
      Set<ObjectKey> named =
          Walk.over(
                  a,
                  a.model(),
                  pageSize,
                  soFar -> {
                    for (int end = 0; end < 2 && !left.isEmpty(); end++) {
                      ObjectKey key = end == 0 ? left.removeFirst() : left.removeLast();
                      replace(a, List.of(key), 2, newSize);
                    }
                  })
              .keys();
      assertThat(left.size()).as("keys not replaced during a walk").isLessThan(keys.size());
      assertThat(named)
          .as("LIST-3: keys of a walk, page size %d, while they are replaced", pageSize)
          .containsAll(keys);
    }
  }

  /**
   * Asks for pages with cursors that nobody gave out, and then goes on with one that the adapter
   * did.
   *
   * <p>If this fails, look at whether a cursor is checked when a page is asked for, and not only
   * when somebody works on it.
   */
  @Test
  @Rule("LIST-4")
  void foreignCursorsAreRefused(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    List<ObjectKey> keys = a.keys(Batches.count(a, 5));
    Ops.mustStore(a, keys, 1, SIZE);
    List<String> foreign =
        List.of(
            "",
            " ",
            "no cursor of anybody's",
            "../../..",
            "-1",
            "\u0000\uD83D\uDE00\n",
            "{\"next\": 7}",
            "x".repeat(10_000));
    for (String cursor : foreign) {
      String shown = cursor.substring(0, Math.min(30, cursor.length()));
      assertThatThrownBy(
              () -> a.adapter().list(new ListRequest(a.model(), 10, cursor)),
              "LIST-4: a listing with the cursor \"%s\", %d characters",
              shown,
              cursor.length())
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Walk.over(a, 1).keys())
        .as("LIST-4: keys of a walk with the adapter's own cursors, page size 1")
        .isEqualTo(Set.copyOf(keys));
  }

  /**
   * Walks in pages of several sizes: none holds more than was asked for, and together they hold
   * everything.
   *
   * <p>If this fails, look at whether what is read ahead of a page is kept for the next one.
   */
  @Test
  @Rule("LIST-5")
  void aPageHoldsNoMoreThanAskedFor(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    List<ObjectKey> keys = a.keys(Batches.count(a, 50));
    Ops.mustStore(a, keys, 1, SIZE);
    for (int pageSize : List.of(1, 2, 3, 49, 50, 51, ListRequest.MAX_PAGE_SIZE)) {
      Walk walk = Walk.over(a, pageSize);
      assertThat(walk.keys())
          .as("LIST-1: keys of a walk, page size %d", pageSize)
          .isEqualTo(Set.copyOf(keys));
      assertThat(walk.pages())
          .as("LIST-5: entries of the pages of a walk, page size %d", pageSize)
          .allMatch(entries -> entries <= pageSize);
    }
  }

  /**
   * Walks over 1,200 keys in pages of a thousand.
   *
   * <p>If this fails, look at what a backend gives in one answer at most, or in one at all: it may
   * be less or more than a page.
   */
  @Test
  @Rule("LIST-5")
  void aLongPageHoldsNoMoreThanAskedFor(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    List<ObjectKey> keys = a.keys(1200);
    Bulk.mustStore(a, keys, 1, 1);
    int pageSize = 1000;
    Walk walk = Walk.over(a, pageSize);
    assertThat(walk.keys())
        .as("LIST-1: keys of a walk over %d keys, page size %d", keys.size(), pageSize)
        .isEqualTo(Set.copyOf(keys));
    assertThat(walk.pages())
        .as("LIST-5: entries of the pages of a walk, page size %d", pageSize)
        .hasSizeGreaterThan(1)
        .allMatch(entries -> entries <= pageSize);
  }

  /**
   * Holds two walks at the same time, page by page in turn: each names everything.
   *
   * <p>If this fails, look at whether the place of a walk is in its cursor or in the adapter.
   */
  @Test
  @Rule({"LIST-1", "LIST-4"})
  void twoWalksDoNotDisturbEachOther(AdapterUnderTest a) {
    if (a.declines(Feature.LIST)) {
      Expect.listDeclined(a);
      return;
    }
    List<ObjectKey> keys = a.keys(Batches.count(a, 12));
    Ops.mustStore(a, keys, 1, SIZE);
    AtomicInteger inner = new AtomicInteger();
    Walk outer =
        Walk.over(
            a,
            a.model(),
            4,
            soFar -> {
              inner.incrementAndGet();
              assertThat(Walk.over(a, 5).keys())
                  .as("LIST-1: keys of a walk inside of another")
                  .isEqualTo(Set.copyOf(keys));
            });
    assertThat(inner.get()).as("walks inside of a walk").isGreaterThan(0);
    assertThat(outer.keys())
        .as("LIST-1: keys of a walk with %d others inside", inner.get())
        .isEqualTo(Set.copyOf(keys));
  }
}

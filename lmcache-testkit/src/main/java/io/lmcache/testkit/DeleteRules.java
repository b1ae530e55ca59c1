// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.Feature;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a delete does, key by key, and that what is deleted is gone. */
abstract class DeleteRules {

  private static final int SIZE = 1_000;

  /**
   * Deletes requests of which every second key is there: those are DELETED and the others ABSENT,
   * each at its position; asked once more, all are ABSENT. What was not in the request stays. An
   * adapter that declines deletes says so and leaves everything alone.
   *
   * <p>If this fails, look at how a key that is there is told from one that is not, and at how
   * results find their way back to positions.
   */
  @Test
  @Rule("DELETE-1")
  void everySecondKeyIsThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> bystanders = a.keys(-100, Batches.count(a, 3));
    Ops.mustStore(a, bystanders, 1, size);
    for (List<ObjectKey> keys : Batches.of(a)) {
      List<ObjectKey> there = Batches.everySecond(keys, 0);
      Ops.mustStore(a, there, 1, size);
      if (a.declines(Feature.DELETE)) {
        Expect.deleteDeclined(a, there, 1, size);
        continue;
      }
      Expect.deleted("DELETE-1", keys, Ops.delete(a, keys), key -> deletedIf(there, key));
      Expect.deleted("DELETE-1, again", keys, Ops.delete(a, keys), DeleteOutcome.ABSENT);
    }
    Expect.there("DELETE-1, not deleted", a, bystanders, 1, size);
  }

  /**
   * The same with any of the keys, in any order, and with others left out.
   *
   * <p>If this fails, look at how results find their way back to positions.
   */
  @Test
  @Rule("DELETE-1")
  void anyOfTheKeysAreThere(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    Random random = a.random("DELETE-1");
    List<ObjectKey> keys = a.keys(Batches.count(a, 40));
    for (int round = 0; round < a.scaled(5); round++) {
      List<ObjectKey> there = keys.stream().filter(key -> random.nextBoolean()).toList();
      List<ObjectKey> asked = Batches.shuffled(keys, random).subList(0, (keys.size() + 1) / 2);
      if (!there.isEmpty()) {
        Ops.mustStore(a, there, 1, size);
      }
      if (a.declines(Feature.DELETE)) {
        Expect.deleteDeclined(a, there.isEmpty() ? keys : there, 1, size);
        return;
      }
      Expect.deleted("DELETE-1", asked, Ops.delete(a, asked), key -> deletedIf(there, key));
      List<ObjectKey> rest = there.stream().filter(key -> !asked.contains(key)).toList();
      if (!rest.isEmpty()) {
        Expect.there("DELETE-1, not deleted", a, rest, 1, size);
        Expect.deleted("DELETE-1", rest, Ops.delete(a, rest), DeleteOutcome.DELETED);
      }
    }
  }

  private static DeleteOutcome deletedIf(List<ObjectKey> there, ObjectKey key) {
    return there.contains(key) ? DeleteOutcome.DELETED : DeleteOutcome.ABSENT;
  }

  /**
   * After a delete no lookup, load, listing or delete finds a key.
   *
   * <p>If this fails, look at what keeps its own knowledge of what is there: an index, a cache of
   * sizes, a listing that is prepared ahead.
   */
  @Test
  @Rule("DELETE-2")
  void whatIsDeletedIsGone(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    for (List<ObjectKey> keys : Batches.of(a)) {
      Ops.mustStore(a, keys, 1, size);
      if (a.declines(Feature.DELETE)) {
        Expect.deleteDeclined(a, keys, 1, size);
        continue;
      }
      Expect.there("STORE-1", a, keys, 1, size);
      Expect.deleted("DELETE-1", keys, Ops.delete(a, keys), DeleteOutcome.DELETED);
      Expect.absent("DELETE-2", a, keys);
      Expect.deleted("DELETE-2", keys, Ops.delete(a, keys), DeleteOutcome.ABSENT);
      if (!a.declines(Feature.LIST)) {
        Set<ObjectKey> listed = new HashSet<>(Ops.list(a, 1000).keySet());
        listed.retainAll(keys);
        assertThat(listed).as("DELETE-2: deleted keys that a listing names").isEmpty();
      }
    }
  }

  /**
   * Stores deleted keys again with IF_ABSENT, with other bytes of the same size, and deletes and
   * stores them once more: STORED each time, with the new bytes.
   *
   * <p>If this fails, look at whether IF_ABSENT asks something that the delete did not reach, such
   * as a remembered size or a tombstone.
   */
  @Test
  @Rule("DELETE-2")
  void whatIsDeletedCanBeStoredAgain(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(Batches.count(a, 17));
    Ops.mustStore(a, keys, 0, size);
    if (a.declines(Feature.DELETE)) {
      Expect.deleteDeclined(a, keys, 0, size);
      return;
    }
    for (int version = 1; version <= 3; version++) {
      Expect.deleted("DELETE-1", keys, Ops.delete(a, keys), DeleteOutcome.DELETED);
      Expect.stored(
          "DELETE-2",
          keys,
          Ops.store(a, Ops.storeOf(a, keys, version, size, StoreMode.IF_ABSENT)),
          StoreOutcome.STORED);
      Expect.there("DELETE-2", a, keys, version, size);
    }
  }

  /**
   * What was deleted is gone for the next adapter on the same storage too, and what was left is
   * there.
   *
   * <p>If this fails, look at whether a delete reaches the storage or only what is in memory.
   */
  @Test
  @Rule({"DELETE-2", "REOPEN-1"})
  void whatIsDeletedIsGoneForTheNextAdapter(AdapterUnderTest a) {
    int size = Batches.bytes(a, SIZE);
    List<ObjectKey> keys = a.keys(0, Batches.count(a, 5));
    List<ObjectKey> left = a.keys(100, Batches.count(a, 5));
    Ops.mustStore(a, keys, 1, size);
    Ops.mustStore(a, left, 1, size);
    if (a.declines(Feature.DELETE)) {
      Expect.deleteDeclined(a, keys, 1, size);
      return;
    }
    Expect.deleted("DELETE-1", keys, Ops.delete(a, keys), DeleteOutcome.DELETED);
    a.reopen();
    Expect.absent("DELETE-2, after reopening", a, keys);
    if (a.declines(Feature.PERSISTENCE)) {
      Expect.absent("LIMIT-4, after reopening", a, left);
    } else {
      Expect.there("REOPEN-1", a, left, 1, size);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Random operations on a space of keys. Each key has a few sizes, and the size tells the content,
 * so a byte of another size's content is found. For one thread.
 */
final class AccountingLoad {

  /** Sizes of an object; the place in it is the content's version. */
  private static final int[] SIZES = {1, 700, 4096, 6001};

  private final FileAdapter adapter;
  private final AccountingKeys keys;
  private final Random random;
  private final Map<String, Integer> counts = new TreeMap<>();

  AccountingLoad(FileAdapter adapter, AccountingKeys keys, long seed) {
    this.adapter = adapter;
    this.keys = keys;
    this.random = new Random(seed);
  }

  static int versions() {
    return SIZES.length;
  }

  /** The size of the n-th key's object in a version. */
  static int size(int n, int version) {
    return SIZES[version] + n % 13;
  }

  /** One operation. */
  void step() {
    int n = random.nextInt(keys.all().size());
    int version = random.nextInt(SIZES.length);
    ObjectKey key = keys.get(n);
    int kind = random.nextInt(100);
    if (kind < 20) {
      store(n, version, StoreMode.IF_ABSENT);
    } else if (kind < 35) {
      store(n, version, StoreMode.REPLACE);
    } else if (kind < 60) {
      count("load " + load(n, version));
    } else if (kind < 80) {
      Long found = adapter.lookup(key);
      count(found == null ? "miss" : "hit");
    } else {
      DeleteOutcome outcome = adapter.delete(key);
      assertThat(outcome).isNotEqualTo(DeleteOutcome.FAILED);
      count("delete " + outcome);
    }
  }

  private void store(int n, int version, StoreMode mode) {
    StoreOutcome outcome = adapter.store(keys.get(n), version, size(n, version), mode);
    assertThat(outcome).isNotEqualTo(StoreOutcome.FAILED);
    count("store " + mode + ' ' + outcome);
  }

  /** Loads in a version; any but corrupt will do, as long as the bytes are right. */
  LoadOutcome load(int n, int version) {
    MemoryObject into = Content.poisoned(size(n, version));
    LoadOutcome outcome = adapter.load(keys.get(n), into);
    assertThat(outcome).isNotIn(LoadOutcome.CORRUPT, LoadOutcome.FAILED);
    if (outcome == LoadOutcome.LOADED) {
      Content.assertHolds(into, keys.get(n), version);
    }
    return outcome;
  }

  /** Loads whatever is there, if somebody says what size it has. */
  LoadOutcome loadAs(int n, @Nullable Long bytes) {
    for (int version = 0; version < SIZES.length; version++) {
      if (bytes != null && bytes == size(n, version)) {
        return load(n, version);
      }
    }
    assertThat(bytes).as("the size of a file").isNull();
    return load(n, 0);
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** How often each operation came to what. */
  Map<String, Integer> counts() {
    return counts;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A walk over the keys of a model, page by page, that ends: one that goes on for longer than the
 * patience fails.
 *
 * @param pages the number of entries of each page
 * @param entries everything that was named, in order, repetitions included
 */
record Walk(List<Integer> pages, List<KeyEntry> entries) {

  /** Over the keys of this test's model, while nothing changes. */
  static Walk over(AdapterUnderTest a, int pageSize) {
    return over(a, a.model(), pageSize, soFar -> {});
  }

  /**
   * A walk while something changes.
   *
   * @param model whose keys; null for all
   * @param meanwhile called once for each page, after it was asked for and before it is waited for,
   *     with the keys that were named so far
   */
  static Walk over(
      AdapterUnderTest a,
      @Nullable String model,
      int pageSize,
      Consumer<Set<ObjectKey>> meanwhile) {
    Walk walk = new Walk(new ArrayList<>(), new ArrayList<>());
    long end = System.nanoTime() + a.patience().toNanos();
    ListRequest next = new ListRequest(model, pageSize, null);
    while (next != null) {
      CompletionStage<KeyPage> stage = a.adapter().list(next);
      meanwhile.accept(walk.keys());
      KeyPage page = a.await("page " + (walk.pages.size() + 1) + " of a walk", stage);
      assertThat(page.error())
          .as("error of page %d of a walk, page size %d", walk.pages.size() + 1, pageSize)
          .isNull();
      walk.pages.add(page.entries().size());
      walk.entries.addAll(page.entries());
      next = next.after(page);
      assertThat(next == null || System.nanoTime() < end)
          .as(
              "LIST-1: a walk ends; pages of %d after %d s: %d, entries: %d",
              pageSize, a.patience().toSeconds(), walk.pages.size(), walk.entries.size())
          .isTrue();
    }
    return walk;
  }

  /** The keys that were named. */
  Set<ObjectKey> keys() {
    Set<ObjectKey> keys = new HashSet<>();
    entries.forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  /** The keys that were named, with the size that was named last. */
  Map<ObjectKey, Long> sizes() {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    entries.forEach(entry -> sizes.put(entry.key(), entry.sizeBytes()));
    return sizes;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Pages through an {@link ObjectIndex}: shard by shard, and by canonical form within one. A key
 * stays in its shard, so one that is there during the whole walk is met, and a cursor needs no
 * state on our side: it is the key that was last.
 */
final class IndexPages {

  private static final String PREFIX = "i.";

  private IndexPages() {}

  static KeyPage page(ObjectIndex index, ListRequest request) {
    ObjectKey after = request.cursor() == null ? null : keyOf(request.cursor());
    List<KeyEntry> entries = new ArrayList<>();
    int shard = after == null ? 0 : ObjectIndex.shardOf(after);
    String floor = after == null ? null : after.toString();
    for (; shard < ObjectIndex.SHARDS; shard++, floor = null) {
      for (Map.Entry<String, KeyEntry> found : sorted(index.shard(shard), floor, request)) {
        if (entries.size() == request.pageSize()) {
          return new KeyPage(entries, cursorAfter(entries.get(entries.size() - 1).key()), null);
        }
        entries.add(found.getValue());
      }
    }
    return new KeyPage(entries, null, null);
  }

  private static Iterable<Map.Entry<String, KeyEntry>> sorted(
      @Nullable ConcurrentHashMap<ObjectKey, ObjectIndex.Entry> shard,
      @Nullable String floor,
      ListRequest request) {
    TreeMap<String, KeyEntry> sorted = new TreeMap<>();
    if (shard == null) {
      return sorted.entrySet();
    }
    String model = request.modelName();
    shard.forEach(
        (key, entry) -> {
          if (model == null || model.equals(key.modelName())) {
            String canonical = key.toString();
            if (floor == null || canonical.compareTo(floor) > 0) {
              sorted.put(canonical, new KeyEntry(key, entry.sizeBytes()));
            }
          }
        });
    return sorted.entrySet();
  }

  private static String cursorAfter(ObjectKey key) {
    return PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(key.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a cursor is one of these. */
  static boolean isCursor(String cursor) {
    try {
      return cursorAfter(keyOf(cursor)).equals(cursor);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static ObjectKey keyOf(String cursor) {
    if (!cursor.startsWith(PREFIX)) {
      throw new IllegalArgumentException("not a cursor of this adapter: " + cursor);
    }
    byte[] canonical = Base64.getUrlDecoder().decode(cursor.substring(PREFIX.length()));
    return ObjectKey.parse(new String(canonical, StandardCharsets.UTF_8));
  }
}

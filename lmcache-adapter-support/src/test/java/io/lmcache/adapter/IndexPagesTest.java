// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import static io.lmcache.adapter.Requests.await;
import static io.lmcache.adapter.Requests.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of an index, and of the adapter that has one. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class IndexPagesTest {

  private static final int KEYS = 5000;

  /** Every third key is of another model. */
  private static ObjectKey some(int n) {
    String model = n % 3 == 0 ? "org/other" : "org/model";
    return ObjectKey.of(ByteBuffer.allocate(4).putInt(n).array(), model, 0);
  }

  private static ObjectIndex filled() {
    ObjectIndex index = new ObjectIndex(new Accounting(Capacity.of(0), 1));
    for (int n = 0; n < KEYS; n++) {
      index.put(some(n), n);
    }
    return index;
  }

  /** All entries of a walk, none twice; {@code meanwhile} is told the number of each page. */
  private static Map<ObjectKey, Long> walk(
      ObjectIndex index, ListRequest first, IntConsumer meanwhile) {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    int pages = 0;
    for (ListRequest request = first; request != null; pages++) {
      KeyPage page = index.page(request);
      assertThat(page.error()).isNull();
      assertThat(page.entries().size()).isLessThanOrEqualTo(first.pageSize());
      for (KeyEntry entry : page.entries()) {
        assertThat(sizes.put(entry.key(), entry.sizeBytes())).as("%s twice", entry.key()).isNull();
      }
      if (page.nextCursor() != null) {
        assertThat(page.entries()).hasSize(first.pageSize());
        assertThat(IndexPages.isCursor(page.nextCursor())).isTrue();
      }
      meanwhile.accept(pages);
      request = request.after(page);
    }
    return sizes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 5000, 10_000})
  void everyKeyIsOnOnePageWithItsSize(int pageSize) {
    ObjectIndex index = filled();
    Map<ObjectKey, Long> walked = walk(index, ListRequest.first(pageSize), page -> {});
    assertThat(walked).hasSize(KEYS);
    for (int n = 0; n < KEYS; n++) {
      assertThat(walked).containsEntry(some(n), (long) n);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 10_000})
  void aModelsKeysAndNoOthers(int pageSize) {
    Map<ObjectKey, Long> walked =
        walk(filled(), new ListRequest("org/other", pageSize, null), page -> {});
    assertThat(walked).hasSize((KEYS + 2) / 3);
    assertThat(walked.keySet()).allMatch(key -> key.modelName().equals("org/other"));
    assertThat(walk(filled(), new ListRequest("org/none", pageSize, null), page -> {})).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void whatIsThereThroughoutIsMetWhateverComesAndGoes(int pageSize) {
    ObjectIndex index = filled();
    int step = Math.max(1, pageSize / 7);
    int most = KEYS / 3;
    Set<ObjectKey> changed = new HashSet<>();
    Map<ObjectKey, Long> walked =
        walk(
            index,
            ListRequest.first(pageSize),
            page -> {
              // Only so many, or a walk of single keys might never end.
              for (int i = 0; i < step && changed.size() < most; i++) {
                int n = (page * step + i) * 7;
                index.remove(some(n % KEYS));
                changed.add(some(n % KEYS));
                index.put(some(KEYS + n), 1);
              }
            });
    assertThat(changed.size()).as("removed meanwhile").isGreaterThan(KEYS / 10);
    Set<ObjectKey> throughout = new HashSet<>();
    IntStream.range(0, KEYS).forEach(n -> throughout.add(some(n)));
    throughout.removeAll(changed);
    assertThat(walked.keySet()).containsAll(throughout);
    assertThat(throughout.size()).isGreaterThan(KEYS / 2);
  }

  @Test
  void aCursorWhoseKeyIsGoneStillWorks() {
    ObjectIndex index = filled();
    KeyPage first = index.page(ListRequest.first(100));
    first.entries().forEach(entry -> index.remove(entry.key()));
    ListRequest rest = new ListRequest(null, KEYS, first.nextCursor());
    assertThat(walk(index, rest, page -> {})).hasSize(KEYS - 100);
  }

  @Test
  void whatIsNoCursorIsRefused() {
    ObjectIndex index = filled();
    String cursor = index.page(ListRequest.first(1)).nextCursor();
    assertThat(cursor).isNotNull();
    List<String> garbage = new ArrayList<>(List.of("", "i", "i.", "i.!", "x" + cursor, "1000"));
    garbage.add(cursor + "AAAA");
    garbage.add(cursor + "=");
    garbage.add("i." + encoded("org/model@0@0@00"));
    garbage.add("i." + encoded("org/model@00000000@0@0"));
    garbage.add("i." + encoded("no key"));
    garbage.add(some(1).toString());
    for (String text : garbage) {
      assertThat(IndexPages.isCursor(text)).as(text).isFalse();
    }
    for (String text : List.of("", "i.!", "1000", "i." + encoded("no key"))) {
      assertThatIllegalArgumentException()
          .as(text)
          .isThrownBy(() -> index.page(new ListRequest(null, 10, text)));
    }
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aWalkThatBeganAtTheStorageEndsThere() throws IOException {
    ScannedAdapter scanned = new ScannedAdapter(true);
    for (int n = 0; n < 50; n++) {
      scanned.had(key(n), 10 + n);
    }
    BlockingL2Adapter adapter = scanned.open(1);
    scanned.walk.awaitAt(key(7));
    ListRequest request = ListRequest.first(9);
    KeyPage page = await(adapter.list(request));
    assertThat(page.nextCursor()).isEqualTo(key(8).toString());
    scanned.endScan(adapter);

    Set<ObjectKey> met = new HashSet<>();
    for (; request != null; request = request.after(page)) {
      page = await(adapter.list(request));
      page.entries().forEach(entry -> assertThat(met.add(entry.key())).isTrue());
    }
    assertThat(met).isEqualTo(Set.copyOf(Requests.keys(50)));
    KeyPage fromIndex = await(adapter.list(ListRequest.first(9)));
    assertThat(IndexPages.isCursor(String.valueOf(fromIndex.nextCursor()))).isTrue();
    scanned.storage.walkTrap = MemoryStorage.failing(new IOException("planned: not to be asked"));
    assertThat(await(adapter.list(ListRequest.first(100))).entries()).hasSize(50);
    for (String garbage : List.of("garbage", "i.garbage", "i." + encoded("no key"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> adapter.list(new ListRequest(null, 9, garbage)));
    }
    scanned.close(adapter);
  }
}

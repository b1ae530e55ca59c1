// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.Raw.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectDirectoryListingTest {

  private static final List<String> MODELS =
      List.of("plain", "org/model", "a?b", "größe", "模型/🚀", "\ufffd", "with space");

  /** Five objects of each model. */
  private static Map<ObjectKey, Long> fill(Path base) throws Exception {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    for (String model : MODELS) {
      for (int n = 0; n < 5; n++) {
        Raw.put(base, key(model, n), sizes.size());
        sizes.put(key(model, n), (long) sizes.size());
      }
    }
    return sizes;
  }

  private static List<KeyPage> walk(ObjectDirectory directory, ListRequest first)
      throws IOException {
    List<KeyPage> pages = new ArrayList<>();
    for (@Nullable ListRequest request = first; request != null; ) {
      KeyPage page = directory.page(request);
      pages.add(page);
      assertThat(page.error()).isNull();
      assertThat(page.entries()).hasSizeLessThanOrEqualTo(request.pageSize());
      assertThat(pages).as("pages without end").hasSizeLessThan(1_000);
      request = request.after(page);
    }
    return pages;
  }

  private static Map<ObjectKey, Long> eachOnce(List<KeyPage> pages) {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    for (KeyPage page : pages) {
      for (KeyEntry entry : page.entries()) {
        assertThat(sizes.put(entry.key(), entry.sizeBytes())).as("%s again", entry.key()).isNull();
      }
    }
    return sizes;
  }

  private static Map<ObjectKey, Long> visitEach(ObjectDirectory directory) throws IOException {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    directory.forEach(
        object ->
            assertThat(sizes.put(object.key(), object.sizeBytes()))
                .as("%s again", object.key())
                .isNull());
    return sizes;
  }

  @Test
  void anEmptyDirectoryIsOneEmptyPage(@TempDir Path base) throws IOException {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "");

    assertThat(directory.page(ListRequest.first(1))).isEqualTo(new KeyPage(List.of(), null, null));
    assertThat(visitEach(directory)).isEmpty();
  }

  @Test
  void everyKeyExactlyOnceWhateverThePageSize(@TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "tmp");
    Map<ObjectKey, Long> sizes = fill(base);
    assertThat(sizes).hasSize(35);

    for (int pageSize = 1; pageSize <= sizes.size() + 1; pageSize++) {
      List<KeyPage> pages = walk(directory, ListRequest.first(pageSize));
      assertThat(eachOnce(pages)).as("page size %s", pageSize).isEqualTo(sizes);
      assertThat(pages).hasSize(sizes.size() / pageSize + 1);
    }
    assertThat(walk(directory, ListRequest.first(ListRequest.MAX_PAGE_SIZE))).hasSize(1);
    assertThat(visitEach(directory)).isEqualTo(sizes);
  }

  @Test
  void onlyKeysOfTheModelWhateverThePageSize(@TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "");
    Map<ObjectKey, Long> sizes = fill(base);

    for (String model : MODELS) {
      Map<ObjectKey, Long> wanted = new HashMap<>(sizes);
      wanted.keySet().removeIf(key -> !key.modelName().equals(model));
      assertThat(wanted).hasSize(5);
      for (int pageSize = 1; pageSize <= 6; pageSize++) {
        List<KeyPage> pages = walk(directory, new ListRequest(model, pageSize, null));
        assertThat(eachOnce(pages)).isEqualTo(wanted);
        assertThat(pages).hasSize(5 / pageSize + 1);
      }
    }
    for (String none : List.of("plai", "plain2", "org", "org-SEP-model", "")) {
      assertThat(eachOnce(walk(directory, new ListRequest(none, 3, null)))).isEmpty();
    }
  }

  @Test
  void whatIsForeignIsIgnoredAndKept(@TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "tmp");
    Map<ObjectKey, Long> sizes = fill(base);
    List<Path> foreign = new ArrayList<>();
    for (String name :
        List.of(
            "README",
            "plain@0x01000100@0@0001.tmp",
            "plain@0x01000100@0@00FF.data",
            "plain@0x01000100@0001.data",
            "größe@0x1@0@0001.data",
            directory.stagingPrefix() + "7.tmp")) {
      foreign.add(Files.createFile(Raw.path(base, name)));
    }
    byte[] notUtf8 = "\u00ff@0x01000100@0@0001.data".getBytes(StandardCharsets.ISO_8859_1);
    foreign.add(Files.createFile(Raw.path(base, notUtf8)));
    // These have the names of objects, but are none.
    foreign.add(Files.createDirectory(nameOf(base, "directory")));
    foreign.add(Files.createSymbolicLink(nameOf(base, "link to directory"), base));
    foreign.add(Files.createSymbolicLink(nameOf(base, "dangling"), base.resolve("nowhere")));
    Path loop = nameOf(base, "loop é");
    foreign.add(Files.createSymbolicLink(loop, loop));
    Path file = Files.createFile(base.resolve("file"));
    foreign.add(Files.createSymbolicLink(nameOf(base, "through a file"), file.resolve("x")));
    Raw.put(base.resolve("tmp"), key("elsewhere", 1), 1);

    for (int pageSize : new int[] {1, 2, 3, 7, 35, 100}) {
      assertThat(eachOnce(walk(directory, ListRequest.first(pageSize)))).isEqualTo(sizes);
    }
    assertThat(visitEach(directory)).isEqualTo(sizes);
    assertThat(foreign).hasSize(12).allMatch(path -> isThere(path));
  }

  private static boolean isThere(Path path) {
    return Files.isSymbolicLink(path) || Files.exists(path);
  }

  private static Path nameOf(Path base, String model) throws UnsupportedKeyException {
    return Raw.path(base, ObjectFileNames.encode(key(model, 1)));
  }

  @Test
  void anObjectHasSizeAndTime(@TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "");
    Instant published = Instant.parse("2026-01-02T03:04:05.678Z");
    Files.setLastModifiedTime(Raw.put(base, key("模", 1), 4711), FileTime.from(published));

    List<StoredObject> found = new ArrayList<>();
    directory.forEach(found::add);

    assertThat(found).containsExactly(new StoredObject(key("模", 1), 4711, published));
  }

  @Test
  void aCursorGoesOnAlsoWhereItsFileIsGone(@TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "");
    Map<ObjectKey, Long> sizes = fill(base);
    KeyPage page = directory.page(ListRequest.first(10));
    for (KeyEntry entry : page.entries()) {
      Files.delete(Raw.path(base, ObjectFileNames.encode(entry.key())));
    }

    List<KeyPage> pages = new ArrayList<>(List.of(page));
    ListRequest next = ListRequest.first(10).after(page);
    assertThat(next).isNotNull();
    if (next != null) {
      pages.addAll(walk(directory, next));
    }

    assertThat(eachOnce(pages)).isEqualTo(sizes);
  }

  @Test
  void aCursorNamesTheLastFileOfItsPage(@TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "");
    Raw.put(base, key("größe", 1), 1);

    String cursor = directory.page(ListRequest.first(1)).nextCursor();

    assertThat(ObjectDirectory.nameOf(cursor)).isEqualTo("größe@0x01000100@0@0001.data");
    assertThat(ObjectDirectory.nameOf(null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "not base 64!",
        "README",
        "cGxhaW4", // plain
        "bUAweDAwMDAwMDAxQDBAQUIuZGF0YQ", // m@0x00000001@0@AB.data
        "bUAweDAwMDAwMDAxQDBAYWIuZGF0YQ==", // m@0x00000001@0@ab.data, padded
        "bUAweDAwMDAwMDAxQDBAYWIuZGF0YR", // the same with a stray bit
        "_0AweDAwMDAwMDAxQDBAYWIuZGF0YQ", // a model that is not UTF-8
        "/0AweDAwMDAwMDAxQDBAYWIuZGF0YQ"
      })
  void aCursorOfSomebodyElseIsRefused(String cursor, @TempDir Path base) throws Exception {
    ObjectDirectory directory = ObjectDirectory.prepare(base, "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> directory.page(new ListRequest(null, 1, cursor)))
        .withMessage("not a cursor of this adapter: " + cursor);
    assertThat(
            ObjectDirectory.nameOf(
                Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString("m@0x00000001@0@ab.data".getBytes(StandardCharsets.UTF_8))))
        .isNotNull();
  }

  @Test
  void aDirectoryThatIsGoneIsAnError(@TempDir Path temp) throws IOException {
    ObjectDirectory directory = ObjectDirectory.prepare(temp.resolve("base"), "");
    Files.delete(directory.base());

    assertThatIOException()
        .isThrownBy(() -> directory.page(ListRequest.first(1)))
        .withMessageContaining(directory.base().toString());
    assertThatIOException()
        .isThrownBy(() -> directory.forEach(object -> {}))
        .withMessageContaining(directory.base().toString());
  }
}

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectDirectoryListingTest {

  private static final List<String> MODELS =
      List.of("plain", "org/model", "a?b", "größe", "模型/🚀", "\ufffd", "with space");

  /** Five objects of each model. */
  private static Map<ObjectKey, Long> fill(Path base) throws Exception {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    for (String model : MODELS) {
      for (int n = 0; n < 5; n++) {
        Raw.put(base, key(model, n), sizes.size() + 1);
        sizes.put(key(model, n), (long) sizes.size() + 1);
      }
    }
    return sizes;
  }

  @Test
  void anEmptyDirectoryIsOneEmptyPage(@TempDir Path base) throws IOException {
    ObjectDirectory directory = TestDirectory.open(base, "");

    assertThat(directory.page(ListRequest.first(1))).isEqualTo(new KeyPage(List.of(), null, null));
    assertThat(TestDirectory.visited(directory)).isEmpty();
  }

  @Test
  void everyKeyExactlyOnceWhateverThePageSize(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "tmp");
    Map<ObjectKey, Long> sizes = fill(base);
    assertThat(sizes).hasSize(35);

    for (int pageSize = 1; pageSize <= sizes.size() + 1; pageSize++) {
      List<KeyPage> pages = TestDirectory.pages(directory, ListRequest.first(pageSize));
      assertThat(TestDirectory.listed(pages)).as("page size %s", pageSize).isEqualTo(sizes);
      assertThat(pages).hasSize(sizes.size() / pageSize + 1);
    }
    assertThat(TestDirectory.pages(directory, ListRequest.first(ListRequest.MAX_PAGE_SIZE)))
        .hasSize(1);
    assertThat(TestDirectory.visited(directory)).isEqualTo(sizes);
  }

  @Test
  void onlyKeysOfTheModelWhateverThePageSize(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "");
    Map<ObjectKey, Long> sizes = fill(base);

    for (String model : MODELS) {
      Map<ObjectKey, Long> wanted = new HashMap<>(sizes);
      wanted.keySet().removeIf(key -> !key.modelName().equals(model));
      assertThat(wanted).hasSize(5);
      for (int pageSize = 1; pageSize <= 6; pageSize++) {
        List<KeyPage> pages =
            TestDirectory.pages(directory, new ListRequest(model, pageSize, null));
        assertThat(TestDirectory.listed(pages)).isEqualTo(wanted);
        assertThat(pages).hasSize(5 / pageSize + 1);
      }
    }
    for (String none : List.of("plai", "plain2", "org", "org-SEP-model", "")) {
      assertThat(
              TestDirectory.listed(TestDirectory.pages(directory, new ListRequest(none, 3, null))))
          .isEmpty();
    }
  }

  @Test
  void whatIsForeignIsIgnoredAndKept(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "tmp");
    Map<ObjectKey, Long> sizes = fill(base);
    List<Path> foreign = new ArrayList<>();
    for (String name :
        List.of(
            "README",
            "plain@0x01000100@0@0001.tmp",
            "plain@0x01000100@0@00FF.data",
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
      assertThat(TestDirectory.listed(TestDirectory.pages(directory, ListRequest.first(pageSize))))
          .isEqualTo(sizes);
    }
    assertThat(TestDirectory.visited(directory)).isEqualTo(sizes);
    assertThat(foreign).hasSize(11).allMatch(path -> isThere(path));
    // The staging file is not, the one that a link leads through is.
    assertThat(TestDirectory.detail(directory, "foreign_files")).isEqualTo(11);
    assertThat(TestDirectory.detail(directory, "empty_files")).isZero();
  }

  private static boolean isThere(Path path) {
    return Files.isSymbolicLink(path) || Files.exists(path);
  }

  private static Path nameOf(Path base, String model) throws UnsupportedKeyException {
    return Raw.path(base, ObjectFileNames.encode(key(model, 1)));
  }

  @Test
  void anObjectHasSizeAndTime(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "");
    Instant published = Instant.parse("2026-01-02T03:04:05.678Z");
    Files.setLastModifiedTime(Raw.put(base, key("模", 1), 4711), FileTime.from(published));

    List<StoredObject> found = new ArrayList<>();
    directory.forEach(found::add);

    assertThat(found).containsExactly(new StoredObject(key("模", 1), 4711, published));
  }

  @Test
  void aCursorGoesOnAlsoWhereItsFileIsGone(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "");
    Map<ObjectKey, Long> sizes = fill(base);
    KeyPage page = directory.page(ListRequest.first(10));
    for (KeyEntry entry : page.entries()) {
      Files.delete(Raw.path(base, ObjectFileNames.encode(entry.key())));
    }

    List<KeyPage> pages = new ArrayList<>(List.of(page));
    ListRequest next = ListRequest.first(10).after(page);
    assertThat(next).isNotNull();
    if (next != null) {
      pages.addAll(TestDirectory.pages(directory, next));
    }

    assertThat(TestDirectory.listed(pages)).isEqualTo(sizes);
  }

  @Test
  void aCursorNamesTheLastFileOfItsPage(@TempDir Path base) throws Exception {
    ObjectDirectory directory = TestDirectory.open(base, "");
    Raw.put(base, key("größe", 1), 1);

    String cursor = directory.page(ListRequest.first(1)).nextCursor();

    String name = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    assertThat(name).isEqualTo("größe@0x01000100@0@0001.data");
    directory.checkCursor(String.valueOf(cursor));
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
    ObjectDirectory directory = TestDirectory.open(base, "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> directory.page(new ListRequest(null, 1, cursor)))
        .withMessage("not a cursor of this adapter: " + cursor);
    directory.checkCursor(
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("m@0x00000001@0@ab.data".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aDirectoryThatIsGoneIsAnError(@TempDir Path temp) throws IOException {
    ObjectDirectory directory = TestDirectory.open(temp.resolve("base"), "");
    Files.move(directory.base(), temp.resolve("away"));

    assertThatIOException()
        .isThrownBy(() -> directory.page(ListRequest.first(1)))
        .withMessageContaining(directory.base().toString());
    assertThatIOException()
        .isThrownBy(() -> directory.forEach(object -> {}))
        .withMessageContaining(directory.base().toString());
  }
}

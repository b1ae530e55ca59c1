// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Opens directories, as shared ones unless told otherwise, so that a test may open one twice. */
final class TestDirectory {

  private TestDirectory() {}

  static ObjectDirectory open(Path base, String relativeStaging) throws IOException {
    return ObjectDirectory.open(options(base, relativeStaging, 0));
  }

  static DirectoryOptions options(Path base, String relativeStaging, int levels) {
    return options(base, relativeStaging, levels, true, true);
  }

  static DirectoryOptions options(
      Path base, String relativeStaging, int levels, boolean shared, boolean persistEnabled) {
    return new DirectoryOptions(
        base,
        relativeStaging,
        levels,
        shared,
        persistEnabled,
        PosixFilePermissions.fromString("rwx------"),
        PosixFilePermissions.fromString("rw-------"),
        Fsync.NONE,
        "fs_test");
  }

  /** What a walk visits, each once. */
  static Map<ObjectKey, Long> visited(ObjectDirectory directory) throws IOException {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    directory.forEach(
        object ->
            assertThat(sizes.put(object.key(), object.sizeBytes()))
                .as("%s again", object.key())
                .isNull());
    return sizes;
  }

  /** All pages from one on, none of them too large. */
  static List<KeyPage> pages(ObjectDirectory directory, ListRequest first) throws IOException {
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

  /** What pages list, each once. */
  static Map<ObjectKey, Long> listed(List<KeyPage> pages) {
    Map<ObjectKey, Long> sizes = new HashMap<>();
    for (KeyPage page : pages) {
      for (KeyEntry entry : page.entries()) {
        assertThat(sizes.put(entry.key(), entry.sizeBytes())).as("%s again", entry.key()).isNull();
      }
    }
    return sizes;
  }

  /** What all pages of a size list, each once. */
  static Map<ObjectKey, Long> listed(ObjectDirectory directory, int pageSize) throws IOException {
    return listed(pages(directory, ListRequest.first(pageSize)));
  }

  static long detail(ObjectDirectory directory, String name) {
    return Long.parseLong(String.valueOf(directory.details().get(name)));
  }
}

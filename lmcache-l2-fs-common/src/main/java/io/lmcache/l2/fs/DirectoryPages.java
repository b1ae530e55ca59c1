// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Pages through a directory by relative path, for whoever has no complete index: a shared
 * directory, or one that is still being scanned. Each page reads the directories it needs and holds
 * one page in memory; of a flat directory that is the whole one each time.
 */
final class DirectoryPages {

  /** Decides on objects under names of upstream's oldest form. */
  interface OldNames {

    /** Whether the file is where its key is found. */
    boolean isPlaceOf(ObjectKey key, String name) throws IOException;
  }

  private final DirectoryScan scan;
  private final ObjectNames names;
  private final OldNames oldNames;

  DirectoryPages(DirectoryScan scan, ObjectNames names, OldNames oldNames) {
    this.scan = scan;
    this.names = names;
    this.oldNames = oldNames;
  }

  /**
   * One page.
   *
   * @throws IllegalArgumentException if the cursor is not one of these
   */
  KeyPage page(ListRequest request) throws IOException {
    Page page = new Page(request, request.cursor() == null ? null : pathOf(request.cursor()));
    page.fillFrom("");
    return page.finished();
  }

  /** A page that is being filled. */
  private final class Page {

    private final ListRequest request;
    private final @Nullable String after;
    private final List<KeyEntry> entries = new ArrayList<>();
    private @Nullable String last;

    Page(ListRequest request, @Nullable String after) {
      this.request = request;
      this.after = after;
    }

    private boolean isFull() {
      return entries.size() == request.pageSize();
    }

    KeyPage finished() {
      return new KeyPage(entries, isFull() && last != null ? cursorAfter(last) : null, null);
    }

    /** Takes what is in a directory of the layout and below, in order, as much as there is room. */
    void fillFrom(String directory) throws IOException {
      if (names.isObjectDirectory(directory)) {
        fill(directory);
        return;
      }
      for (String below : scan.below(directory)) {
        if (isFull()) {
          return;
        }
        if (!isBefore(below) && scan.isDirectory(below)) {
          fillFrom(below);
        }
      }
    }

    /** Whether all of a directory comes before this page. */
    private boolean isBefore(String directory) {
      return after != null
          && directory.compareTo(after.substring(0, Math.min(directory.length(), after.length())))
              < 0;
    }

    private void fill(String directory) throws IOException {
      String floor = after != null && directory(after).equals(directory) ? file(after) : null;
      NavigableMap<String, KeyEntry> found =
          smallest(directory, floor, request.pageSize() - entries.size(), request.modelName());
      entries.addAll(found.values());
      if (!found.isEmpty()) {
        last = directory.isEmpty() ? found.lastKey() : directory + "/" + found.lastKey();
      }
    }
  }

  private NavigableMap<String, KeyEntry> smallest(
      String directory, @Nullable String floor, int wanted, @Nullable String model)
      throws IOException {
    // By name: a file that is replaced during the walk may be met twice.
    TreeMap<String, KeyEntry> first = new TreeMap<>();
    DirectoryScan.Visitor visitor =
        new DirectoryScan.Visitor() {
          private void add(String name, StoredObject object) {
            if (model == null || model.equals(object.key().modelName())) {
              first.put(name, new KeyEntry(object.key(), object.sizeBytes()));
              if (first.size() > wanted) {
                first.pollLastEntry();
              }
            }
          }

          @Override
          public void object(StoredObject object, Path file) {
            add(String.valueOf(RawPaths.utf8Name(file)), object);
          }

          @Override
          public void oldName(StoredObject object, String name, Path file) throws IOException {
            if (oldNames.isPlaceOf(object.key(), name)) {
              add(name, object);
            }
          }
        };
    scan.visitOne(
        directory,
        name ->
            (floor == null || name.compareTo(floor) > 0)
                && (first.size() < wanted || name.compareTo(first.lastKey()) < 0),
        visitor);
    return first;
  }

  private static String directory(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  private static String file(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String cursorAfter(String path) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(path.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a cursor.
   *
   * @throws IllegalArgumentException if it is not one of these
   */
  String pathOf(String cursor) {
    String path;
    try {
      path = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw notACursor(cursor, e);
    }
    boolean right = !path.startsWith("/") && isOurs(directory(path), file(path));
    if (!right || !cursorAfter(path).equals(cursor)) {
      throw notACursor(cursor, null);
    }
    return path;
  }

  private boolean isOurs(String directory, String file) {
    return names.decode(directory, file) != null
        || (names.isObjectDirectory(directory) && ObjectFileNames.isDigestName(file))
        || (names.levels() == 0 && directory.isEmpty() && ObjectFileNames.decodeOld(file) != null);
  }

  private static IllegalArgumentException notACursor(
      String cursor, @Nullable IllegalArgumentException cause) {
    return new IllegalArgumentException("not a cursor of this adapter: " + cursor, cause);
  }
}

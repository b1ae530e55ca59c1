// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the objects of a directory that are not to persist: those that carry our attribute for
 * their very key, and nothing else. Files that upstream wrote carry none and stay.
 */
final class ObjectRemoval {

  private static final Logger log = LoggerFactory.getLogger(ObjectRemoval.class);

  private final DirectoryScan scan;
  private final boolean attributes;

  ObjectRemoval(DirectoryScan scan, boolean attributes) {
    this.scan = scan;
    this.attributes = attributes;
  }

  /** Removes what an earlier run left, after saying how much that is. */
  void removeEarlierRun(Path base) throws IOException {
    List<Path> files = ours();
    String warning = warning(base, files.size());
    if (warning != null) {
      log.warn(warning);
    }
    remove(files);
  }

  /** What is said once when the directory is opened; null if there is nothing to say. */
  @Nullable String warning(Path base, int earlier) {
    if (!attributes) {
      return base
          + ": persist_enabled is false, but without attributes nothing tells which files are"
          + " ours: none is removed";
    }
    return earlier == 0
        ? null
        : base + ": persist_enabled is false: removing " + earlier + " objects of an earlier run";
  }

  /** Removes all there are. */
  void removeAll() throws IOException {
    remove(ours());
  }

  private static void remove(List<Path> files) throws IOException {
    IOException failure = null;
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private List<Path> ours() throws IOException {
    List<Path> files = new ArrayList<>();
    if (!attributes) {
      return files;
    }
    scan.walk(
        new DirectoryScan.Visitor() {
          @Override
          public void object(StoredObject object, Path file) throws IOException {
            if (isOurs(object, file)) {
              files.add(file);
            }
          }

          @Override
          public void oldName(StoredObject object, String name, Path file) throws IOException {
            object(object, file);
          }
        });
    return files;
  }

  private static boolean isOurs(StoredObject object, Path file) throws IOException {
    return FileAttributes.state(file) instanceof ObjectAttribute.State.Present present
        && present.attribute().isOf(KeyDigest.of(object.key()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Effect;
import io.lmcache.l2.fs.ObjectDirectory;
import java.util.Set;

/**
 * What the place of the objects can do beyond files with bytes. The format works without all of
 * them, and promises less.
 *
 * @param modes whether files have modes
 * @param inodes whether a file can be told from another one at the same path by its number
 * @param attributes whether files have attributes of ours
 */
record FileSystemFeatures(boolean modes, boolean inodes, boolean attributes) {

  static FileSystemFeatures of(ObjectDirectory directory) {
    Set<String> views = directory.base().getFileSystem().supportedFileAttributeViews();
    return new FileSystemFeatures(
        views.contains("posix"), views.contains("unix"), directory.attributes());
  }

  /** What status says of {@code file_mode} or {@code dir_mode}. */
  String mode(String requested) {
    return modes ? requested : Effect.ineffective(requested, "files have no modes here");
  }
}

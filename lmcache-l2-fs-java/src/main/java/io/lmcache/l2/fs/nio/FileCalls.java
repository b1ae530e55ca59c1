// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Set;

/**
 * The calls that open, describe and publish files. One door, so that tests can watch the order of
 * the calls, the length of each transfer, and fail any of them. Safe for use by many threads.
 */
interface FileCalls {

  /** The file system itself. */
  FileCalls SYSTEM = new FileCalls() {};

  /** Opens a file, or a directory in order to sync it. */
  default FileChannel open(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return FileChannel.open(path, options, attributes);
  }

  /** Renames a file in one step, in place of what may be there. */
  default void publish(Path staged, Path target) throws IOException {
    Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The attributes of the file itself, not of what a link leads to. */
  default UserDefinedFileAttributeView userAttributes(Path path) {
    return Files.getFileAttributeView(
        path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }
}

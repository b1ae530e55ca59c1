// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.nio.MountTable.FileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which file systems are known to take direct I/O and to cache everything all the same: those in
 * memory, ext4 that journals data, and overlays whose upper layer is one of these.
 *
 * <p>Java cannot ask the kernel what is in the page cache, so what is not known here is believed;
 * but not an overlay whose upper layer cannot be seen, which says nothing about where files go.
 */
final class AlwaysCached {

  private static final Logger log = LoggerFactory.getLogger(AlwaysCached.class);
  private static final String JOURNALED = "data=journal";
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
  private static final Set<String> EXT = Set.of("ext3", "ext4");

  /** An overlay over an overlay is about as much as the kernel allows. */
  private static final int MAX_LAYERS = 4;

  /** What is known. */
  enum Answer {
    YES,
    NO,
    /** It is an overlay, over what cannot be seen from here. */
    UNSEEN
  }

  private AlwaysCached() {}

  /** Whether a directory is on one. */
  static Answer contains(Path directory) throws IOException {
    if (IN_MEMORY.contains(Files.getFileStore(directory).type())) {
      return Answer.YES;
    }
    try {
      return isKnown(directory);
    } catch (IOException e) {
      // What may not be looked at, as in some sandboxes, must not keep an adapter from opening.
      log.debug("nothing more is known of {}", directory, e);
      return Answer.NO;
    }
  }

  private static Answer isKnown(Path directory) throws IOException {
    MountTable mounts = MountTable.read();
    FileSystem at = mounts.of(directory);
    for (int layer = 1; at != null && at.type().equals("overlay"); layer++) {
      Path upper = upper(at);
      if (upper == null || layer == MAX_LAYERS) {
        return Answer.UNSEEN;
      }
      at = mounts.of(upper);
    }
    boolean cached =
        at != null
            && (IN_MEMORY.contains(at.type()) || (EXT.contains(at.type()) && journalsData(at)));
    return cached ? Answer.YES : Answer.NO;
  }

  /** The mount's options do not tell it if it is the default that the disk itself names. */
  private static boolean journalsData(FileSystem ext) throws IOException {
    if (ext.options().contains(JOURNALED)) {
      return true;
    }
    Path disk = Path.of("/sys/dev/block", ext.device()).toRealPath();
    Path options = Path.of("/proc/fs/ext4").resolve(disk.getFileName()).resolve("options");
    return Files.readAllLines(options, StandardCharsets.ISO_8859_1).contains(JOURNALED);
  }

  /** Where an overlay writes; null if that cannot be reached from here, as from a container. */
  private static @Nullable Path upper(FileSystem overlay) {
    String written = overlay.option("upperdir");
    try {
      // Overlays have an escape of their own, for the commas between options.
      Path upper = written == null ? null : Path.of(written.replaceAll("\\\\(.)", "$1"));
      // A relative one is relative to where somebody else stood.
      return upper != null && upper.isAbsolute() && Files.isDirectory(upper) ? upper : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code .lmcache/} in {@code base_path}: what is known of the directory as a whole. */
final class MetaDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(MetaDirectory.class);

  static final String NAME = ".lmcache";

  /** A UUID as {@link java.util.UUID#toString()} writes it, and no other way. */
  static final String UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

  /** Files that were begun and are renamed, or linked, to their names once they are whole. */
  static final Pattern BEGUN = Pattern.compile("(?:owner|format)-" + UUID_PATTERN + "\\.new");

  private static final Pattern OURS = Pattern.compile("format\\.json|lock|owner-" + UUID_PATTERN);

  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private MetaDirectory() {}

  static Path of(Path base) {
    return base.resolve(NAME);
  }

  /**
   * Whether a directory of that name is one of this format: others may use the name too. One that
   * cannot be read is taken for ours.
   */
  static boolean isOurs(Path directory) {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> OURS.matcher(file.getFileName().toString()).matches());
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("{} cannot be read", directory, e);
      return true;
    }
  }

  /** Creates it if there is none; {@code base} must exist. */
  static Path create(Path base, Set<PosixFilePermission> mode) throws IOException {
    createIfMissing(base, mode);
    return of(base);
  }

  /** The same; says whether there was none. */
  static boolean createIfMissing(Path base, Set<PosixFilePermission> mode) throws IOException {
    Path directory = of(base);
    try {
      Files.createDirectory(directory, attributes(mode));
      setMode(directory, mode);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw new IOException(directory + " is not a directory", e);
      }
      return false;
    }
  }

  /**
   * Removes it if nothing is in it; for who has just created it. Another who is about to put
   * something there meets that it is gone, so this is only for where nobody can begin anyway.
   */
  static void removeIfEmpty(Path base) throws IOException {
    try {
      Files.deleteIfExists(of(base));
    } catch (DirectoryNotEmptyException e) {
      LOG.debug("{} is used", base, e);
    }
  }

  /** What a new file is created with: never more than it may have in the end. */
  static FileAttribute<?>[] attributes(Set<PosixFilePermission> mode) {
    return POSIX
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(mode)}
        : new FileAttribute<?>[0];
  }

  /**
   * Sets what the umask cut.
   *
   * <p>By path and following links, which is {@code chmod}: the other ways open the file, and
   * closing it again would drop the locks of this process on it.
   */
  static void setMode(Path file, Set<PosixFilePermission> mode) throws IOException {
    if (POSIX) {
      Files.setPosixFilePermissions(file, mode);
    }
  }
}

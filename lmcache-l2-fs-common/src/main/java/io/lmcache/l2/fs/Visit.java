// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A look at a directory that leaves it as it was: whether it could be used, who uses it, and what
 * its file system can do.
 *
 * <p>What must be tried is tried on files that are named like staging files of an owner whom nobody
 * knows, so that no instance takes them for objects, and one that a kill leaves there is swept like
 * any other. Where {@code base_path} is not there they stand in the directory in which it would be
 * made. The lock that keeps others out is not taken: who is there is told by the owner files.
 *
 * <p>Immutable. Nothing is held, so nothing is to be given back.
 *
 * @param base {@code base_path}, or the nearest directory above it that exists
 * @param staging the same for {@code relative_tmp_dir}
 * @param missing whether {@code base_path} would have to be made
 * @param attributes whether files can have attributes
 */
record Visit(
    Path base,
    Path staging,
    boolean missing,
    boolean attributes,
    boolean locks,
    String stagingPrefix,
    boolean shared,
    OwnerFiles.Census owners)
    implements Tenancy {

  private static final OwnerFiles.Census NOBODY =
      new OwnerFiles.Census(0, List.of(), Set.of(), Set.of());

  /**
   * Looks.
   *
   * @param wanted {@code base_path}
   * @param wantedStaging where {@code relative_tmp_dir} leads
   * @throws IOException if nobody could use the directory as configured; the message says why
   */
  static Visit of(DirectoryOptions options, Path wanted, Path wantedStaging) throws IOException {
    Path base = nearest(wanted, "base_path");
    boolean missing = !base.equals(wanted);
    Path staging = missing ? base : nearest(wantedStaging, "relative_tmp_dir");
    UUID nobody = UUID.randomUUID();
    String prefix = ".lmc-" + nobody + "-";
    try {
      OwnerFiles.Census owners = missing ? NOBODY : owners(MetaDirectory.of(base), nobody);
      boolean attributes = DirectorySetup.tryToPublish(base, staging, prefix);
      boolean locks = tryToLock(staging.resolve(prefix + "probe.tmp"), base, options);
      return new Visit(base, staging, missing, attributes, locks, prefix, options.shared(), owners);
    } catch (AccessDeniedException e) {
      throw new IOException("cannot use " + e.getFile() + ": permission denied", e);
    } catch (IOException e) {
      throw missing
          ? new IOException("cannot create base_path " + wanted + ": " + e.getMessage(), e)
          : e;
    }
  }

  private static Path nearest(Path directory, String field) throws IOException {
    Path at = directory;
    while (at.getParent() != null && !Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
      at = at.getParent();
    }
    if (!Files.isDirectory(at)) {
      throw new IOException(
          at.equals(directory)
              ? field + " " + directory + " is not a directory"
              : "cannot create " + field + " " + directory + ": " + at + " is not a directory");
    }
    return at;
  }

  /** Who uses the directory. Also says whether this user could, as far as one sees from outside. */
  private static OwnerFiles.Census owners(Path meta, UUID nobody) throws IOException {
    if (!Files.exists(meta, LinkOption.NOFOLLOW_LINKS)) {
      return NOBODY;
    }
    Path lock = meta.resolve("lock");
    for (Path used : Files.exists(lock) ? List.of(meta, lock) : List.of(meta)) {
      if (!Files.isReadable(used) || !Files.isWritable(used)) {
        throw new AccessDeniedException(used.toString());
      }
    }
    return OwnerFiles.count(meta, nobody, FileLocks.SYSTEM);
  }

  /** Makes what would be the owner file, so that a full disk is seen too. */
  private static boolean tryToLock(Path file, Path base, DirectoryOptions options)
      throws IOException {
    try (FileLocks.Held held = FileLocks.create(file, options.fileMode(), FileLocks.SYSTEM)) {
      OwnerFiles.describe(file, held, base, options, Clock.systemUTC());
      return held.unsupported() == null;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public boolean exclusive() {
    return !shared && locks && refused() == null;
  }

  /** Why the directory cannot be used at the moment; null if it can. */
  private @Nullable String refused() {
    boolean excluded = !shared || owners.known().stream().anyMatch(OwnerRecord::exclusive);
    return locks && owners.live() > 0 && excluded ? Ownership.inUse(owners.known()) : null;
  }

  @Override
  public Map<String, String> details() {
    return Tenancy.details(shared, locks, owners.live(), refused());
  }
}

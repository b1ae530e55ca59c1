// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
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

  /**
   * Looks.
   *
   * @param wanted {@code base_path}
   * @param wantedStaging where {@code relative_tmp_dir} leads
   * @throws IOException if nobody could use the directory as configured; the message says why
   */
  static Visit of(DirectoryOptions options, Path wanted, Path wantedStaging) throws IOException {
    UUID nobody = UUID.randomUUID();
    String prefix = ".lmc-" + nobody + "-";
    Path base = nearest(wanted, "base_path");
    boolean missing = !base.equals(wanted);
    requireRoom(wanted, base, nobody);
    Path staging = nearest(wantedStaging, "relative_tmp_dir");
    String refused = DirectorySetup.refusal(wantedStaging.resolve(prefix + "probe.tmp"), staging);
    if (refused != null) {
      throw new IOException("cannot write to " + wantedStaging + ": " + refused);
    }
    try {
      OwnerFiles.Census owners =
          missing ? OwnerFiles.Census.NOBODY : owners(MetaDirectory.of(base), nobody);
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
    Deque<Path> missing = new ArrayDeque<>();
    Path at = directory;
    while (at.getParent() != null && !Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
      missing.push(at);
      at = at.getParent();
    }
    if (!Files.isDirectory(at)) {
      String what = DirectorySetup.notADirectory(at);
      throw new IOException(
          at.equals(directory)
              ? field + " " + directory + " " + what
              : "cannot create " + field + " " + directory + ": " + at + " " + what);
    }
    for (Path one : missing) {
      String refused = DirectorySetup.refusal(one, at);
      if (refused != null) {
        throw DirectorySetup.cannotCreate(directory, field, one, refused, null);
      }
    }
    return at;
  }

  /** Whether the path leaves room for the names that whoever takes the directory uses first. */
  private static void requireRoom(Path wanted, Path base, UUID nobody) throws IOException {
    Path meta = MetaDirectory.of(wanted);
    for (Path file : List.of(meta, OwnerFiles.begun(meta, nobody))) {
      String refused = DirectorySetup.refusal(file, base);
      if (refused != null) {
        throw new IOException("cannot write to " + wanted + ": " + file + ": " + refused);
      }
    }
  }

  /** Who uses the directory. Also says whether this user could, as far as one sees from outside. */
  private static OwnerFiles.Census owners(Path meta, UUID nobody) throws IOException {
    if (!Files.exists(meta, LinkOption.NOFOLLOW_LINKS)) {
      return OwnerFiles.Census.NOBODY;
    }
    if (!Files.isDirectory(meta)) {
      throw new IOException(meta + " is not a directory");
    }
    requireAccess(meta);
    Path lock = meta.resolve("lock");
    if (Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
        throw FileLocks.notRegular(lock);
      }
      requireAccess(lock);
    }
    return OwnerFiles.count(meta, nobody, FileLocks.SYSTEM);
  }

  private static void requireAccess(Path used) throws AccessDeniedException {
    if (!Files.isReadable(used) || !Files.isWritable(used)) {
      throw new AccessDeniedException(used.toString());
    }
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
    return locks && owners.live() > 0 && excluded ? InUse.message(owners.known(), "") : null;
  }

  @Override
  public Map<String, String> details() {
    return Tenancy.details(shared, locks, owners.live(), refused());
  }
}

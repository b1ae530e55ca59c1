// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to use a directory, alone or with others, held until it is closed.
 *
 * <p>Two locks say all. The one on {@code .lmcache/lock} decides who may enter: an exclusive
 * instance writes, shared ones read. The one on {@code .lmcache/owner-<uuid>} says that this
 * instance lives, so that what a dead one left in staging can be told from what a live one is about
 * to publish. The owner file is there, locked, before the first staging file and until after the
 * last; whose lock can be taken is dead and stays dead. Locks of a process that is killed go with
 * it.
 *
 * <p>Safe for use by many threads. Does I/O on the calling thread. What locks cannot tell: network
 * file systems mounted so that locks stay on one host ({@code nolock}, {@code local_lock}) let
 * several hosts be exclusive and see each other dead.
 */
public final class Ownership implements Tenancy, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Ownership.class);

  /** How often what another takes away is made again. */
  private static final int MAX_ATTEMPTS = 16;

  private final Path meta;
  private final UUID owner;
  private final FileLocks.Held ownerLock;
  private final FileLocks.Held directoryLock;
  private final Made made;
  private final boolean exclusive;
  private final boolean sharedWanted;
  private final boolean locks;
  private final OwnerFiles.Census census;
  private final FileLocks.Locker locker;
  private final StagingSweep staging;
  private boolean closed;

  /** What was not there before: {@code .lmcache/}, and {@code lock} in it. */
  private record Made(boolean directory, boolean lock) {}

  private Ownership(
      Path meta,
      UUID owner,
      FileLocks.Held ownerLock,
      FileLocks.Held directoryLock,
      Made made,
      boolean shared,
      OwnerFiles.Census census,
      Clock clock,
      FileLocks.Locker locker) {
    this.meta = meta;
    this.owner = owner;
    this.ownerLock = ownerLock;
    this.directoryLock = directoryLock;
    this.made = made;
    this.locks = ownerLock.unsupported() == null && directoryLock.unsupported() == null;
    this.sharedWanted = shared;
    this.exclusive = !shared && locks;
    this.census = census;
    this.locker = locker;
    this.staging = new StagingSweep(meta, owner, locks, census, clock, locker);
  }

  /**
   * Takes the right to use a directory, or fails at once. Creates {@code .lmcache/} if need be.
   *
   * <p>Where the file system has no locks, there is one warning and the directory is used as if it
   * were shared: see {@link #locks()}.
   *
   * @param base {@code base_path}, which exists
   * @throws IOException if others use the directory in a way that excludes this one; the message
   *     says who and what to do. Or if {@code .lmcache/} cannot be written
   */
  public static Ownership take(DirectoryOptions options, Path base) throws IOException {
    return take(options, base, Clock.systemUTC(), FileLocks.SYSTEM);
  }

  /**
   * Whether the path still leads to what was taken: something may have been mounted there
   * meanwhile, or a new directory made under the old name.
   */
  boolean isHere() {
    return Files.isRegularFile(OwnerFiles.path(meta, owner), LinkOption.NOFOLLOW_LINKS);
  }

  /** Whether it certainly does not; a path that cannot be looked at is another failure. */
  boolean isGone() {
    try {
      return DirectoryScan.stat(OwnerFiles.path(meta, owner)) == null;
    } catch (IOException e) {
      return false; // What needs the directory fails by itself, and says why.
    }
  }

  static Ownership take(DirectoryOptions options, Path base, Clock clock, FileLocks.Locker locker)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      boolean created = false;
      try {
        created = MetaDirectory.createIfMissing(base, options.directoryMode());
        return takeIn(options, base, created, clock, locker);
      } catch (AccessDeniedException e) {
        throw new IOException("cannot use " + e.getFile() + ": permission denied", e);
      } catch (IOException e) {
        if (created && DiskSpace.isMissing(e)) {
          removeIfEmpty(base, e);
        }
        // Whoever made it may take it away again, see closeAsFound.
        boolean takenAway = e instanceof NoSuchFileException && Files.isDirectory(base);
        if (!takenAway || attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static void removeIfEmpty(Path base, IOException because) {
    try {
      MetaDirectory.removeIfEmpty(base);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  private static Ownership takeIn(
      DirectoryOptions options, Path base, boolean created, Clock clock, FileLocks.Locker locker)
      throws IOException {
    Path meta = MetaDirectory.of(base);
    Path lock = meta.resolve("lock");
    boolean lockIsNew = !Files.exists(lock, LinkOption.NOFOLLOW_LINKS);
    UUID owner = UUID.randomUUID();
    Path begun = OwnerFiles.begun(meta, owner);
    Path file = OwnerFiles.path(meta, owner);
    FileLocks.Held ownerLock = null;
    FileLocks.Held directoryLock = null;
    Ownership taken = null;
    try {
      ownerLock = FileLocks.create(begun, options.fileMode(), locker);
      if (!OwnerFiles.describe(begun, ownerLock, base, options, clock)) {
        LOG.warn(
            "{} is on a full disk: whoever is refused there cannot be told who uses it",
            options.basePath());
      }
      Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE);
      directoryLock = FileLocks.tryTakeOrCreate(lock, options.fileMode(), options.shared(), locker);
      OwnerFiles.Census census = OwnerFiles.count(meta, owner, locker);
      if (directoryLock == null) {
        throw new IOException(InUse.message(census.known(), options.adapterType()));
      }
      taken =
          new Ownership(
              meta,
              owner,
              ownerLock,
              directoryLock,
              new Made(created, lockIsNew),
              options.shared(),
              census,
              clock,
              locker);
    } finally {
      if (taken == null) {
        release(List.of(begun, file), directoryLock, ownerLock);
      }
    }
    String warning = taken.warning();
    if (warning != null) {
      LOG.warn(warning);
    }
    return taken;
  }

  /** What is said once when the directory is taken; null if there are locks. */
  @Nullable String warning() {
    IOException reason = directoryLock.unsupported();
    if (reason == null) {
      reason = ownerLock.unsupported();
    }
    return reason == null
        ? null
        : meta.getParent()
            + " is on a file system without locks ("
            + reason.getMessage()
            + "): it is treated as shared, and what others left in staging is removed only after "
            + StagingOwners.ABANDONED.toHours()
            + " hours";
  }

  /** Who this is; no other instance, now or later, is the same. */
  public UUID owner() {
    return owner;
  }

  /** How the names of this instance's staging files begin; a number and {@code .tmp} follow. */
  @Override
  public String stagingPrefix() {
    return ".lmc-" + owner + "-";
  }

  /** Whether no other instance uses the directory, and none can enter. */
  @Override
  public boolean exclusive() {
    return exclusive;
  }

  /** Whether the file system has locks; without them nobody is refused. */
  public boolean locks() {
    return locks;
  }

  /**
   * For status: {@code ownership} is {@code exclusive}, {@code shared} or {@code shared (no lock
   * support)}; {@code owners} is how many instances used the directory when this one opened it,
   * itself included.
   */
  @Override
  public Map<String, String> details() {
    return Tenancy.details(sharedWanted, locks, census.live() + 1, null);
  }

  /** Whether a file of that name is a staging file, of this instance or of another. */
  public static boolean isStagingName(String name) {
    return StagingOwners.ownerOf(name) != null;
  }

  /** Removes what the dead left in staging, this instance being alive. */
  StagingSweep staging() {
    return staging;
  }

  /** Who was there when this instance came. */
  OwnerFiles.Census census() {
    return census;
  }

  /**
   * Gives the directory back. This instance's staging files must be gone before: afterwards nobody
   * can tell whose they are. Idempotent.
   *
   * @throws IOException if the owner file cannot be removed; the locks are given back all the same
   */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      release(List.of(OwnerFiles.path(meta, owner)), directoryLock, ownerLock);
    }
  }

  /**
   * The same, and takes away what it made in order to take the directory, unless others use it by
   * now: a directory that could not be begun, or was only repaired, stays as it was.
   */
  synchronized void closeAsFound() throws IOException {
    close();
    if (made.lock() && OwnerFiles.remove(meta.resolve("lock"), locker) && made.directory()) {
      MetaDirectory.removeIfEmpty(Objects.requireNonNull(meta.getParent()));
    }
  }

  /** The owner file goes while it is locked, so that nobody takes this instance for a dead one. */
  private static void release(
      List<Path> ownFiles,
      FileLocks.@Nullable Held directoryLock,
      FileLocks.@Nullable Held ownerLock)
      throws IOException {
    try (ownerLock;
        directoryLock) {
      for (Path file : ownFiles) {
        Files.deleteIfExists(file);
      }
    }
  }
}

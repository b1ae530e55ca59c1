// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
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
  private final Clock clock;
  private final FileLocks.Locker locker;

  /** Guards the two fields below, and a sweep as a whole. */
  private final Object sweeping = new Object();

  /** Whose files the current round of sweeps removes; null between rounds. */
  private @Nullable Set<UUID> dead;

  /** Where they staged, relative to {@code base_path}. */
  private Set<String> deadStaging = Set.of();

  /** Those of the dead whose places of staging are not known. */
  private Set<UUID> silent = Set.of();

  /** Of these something could not be removed, so that their owner files must stay. */
  private final Set<UUID> unfinished = new HashSet<>();

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
    this.dead = census.dead();
    this.deadStaging = census.staging();
    this.silent = census.silent();
    this.clock = clock;
    this.locker = locker;
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

  /**
   * Removes what the dead left in a staging directory.
   *
   * <p>Removed are regular files with exactly the name of a staging file, if their owner is dead.
   * Who has no owner file is not known to be dead: it may have been removed with its directory, or
   * the file was copied here. Then, and for all owners where there are no locks, the file must not
   * have been written for 24 hours. This instance's own files are never touched.
   *
   * <p>A file that cannot be removed is reported by one warning, and its owner file stays for the
   * next sweep.
   *
   * @return how many files were removed
   * @throws IOException if the directory cannot be read
   */
  public int sweep(Path stagingDirectory) throws IOException {
    return sweep(stagingDirectory, owner -> true);
  }

  private int sweep(Path stagingDirectory, Predicate<UUID> which) throws IOException {
    synchronized (sweeping) {
      Set<UUID> deadOwners = lookWhoIsDead();
      int removed = 0;
      try (DirectoryStream<Path> files = Files.newDirectoryStream(stagingDirectory, ".lmc-*.tmp")) {
        for (Path file : files) {
          UUID of = StagingOwners.ownerOf(file.getFileName().toString());
          if (of != null && which.test(of) && sweep(file, of, deadOwners)) {
            removed++;
          }
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
      return removed;
    }
  }

  /**
   * The same for one file, of whoever reads the directory anyway.
   *
   * @return whether it was removed
   * @throws IOException if {@code .lmcache/} cannot be read
   */
  boolean sweepFile(Path file) throws IOException {
    UUID of = StagingOwners.ownerOf(file.getFileName().toString());
    if (of == null) {
      return false;
    }
    synchronized (sweeping) {
      return sweep(file, of, lookWhoIsDead());
    }
  }

  /**
   * Sweeps the places that the dead themselves named, besides those that are swept anyway: their
   * {@code relative_tmp_dir} may have been another one. What those left who name none, as nothing
   * could be written on a full disk, is sought everywhere.
   *
   * @param base {@code base_path}; nothing outside is looked at
   * @return how many files were removed
   * @throws IOException if {@code .lmcache/} or one of the places cannot be read
   */
  int sweepPlacesOfTheDead(Path base) throws IOException {
    Set<String> places;
    Set<UUID> nameNone;
    synchronized (sweeping) {
      lookWhoIsDead();
      places = deadStaging;
      nameNone = silent;
    }
    int removed = nameNone.isEmpty() ? 0 : sweepEverywhere(base, nameNone);
    for (String place : places) {
      Path directory = base.resolve(place).normalize();
      if (directory.startsWith(base)
          && !directory.equals(base)
          && Files.isDirectory(directory)) { // Also by way of a link, as they went there.
        removed += sweep(directory);
      }
    }
    return removed;
  }

  /** Others' staging files may be there too, of another directory below: they are not judged. */
  private int sweepEverywhere(Path base, Set<UUID> owners) throws IOException {
    int removed = 0;
    for (Path directory : StagingSearch.directories(base)) {
      try {
        removed += sweep(directory, owners::contains);
      } catch (FileSystemException e) {
        LOG.warn("cannot look for what the dead staged: {}", e.toString());
        synchronized (sweeping) {
          unfinished.addAll(owners);
        }
      }
    }
    return removed;
  }

  private Set<UUID> lookWhoIsDead() throws IOException {
    Set<UUID> known = dead;
    if (known == null) {
      OwnerFiles.Census census = OwnerFiles.count(meta, owner, locker);
      known = census.dead();
      dead = known;
      deadStaging = census.staging();
      silent = census.silent();
    }
    return known;
  }

  private boolean sweep(Path file, UUID of, Set<UUID> deadOwners) throws IOException {
    if (of.equals(owner)) {
      return false;
    }
    try {
      if (!mayGo(file, of, deadOwners)) {
        return false;
      }
      return Files.deleteIfExists(file);
    } catch (NoSuchFileException e) {
      LOG.debug("{} is gone", file, e);
      return false;
    } catch (FileSystemException e) {
      if (unfinished.add(of)) {
        LOG.warn("cannot remove {}, left by an instance that is dead", file, e);
      }
      return false;
    }
  }

  private boolean mayGo(Path file, UUID of, Set<UUID> deadOwners) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return stagingOwners(deadOwners).kind(of, attributes) == CheckKind.STAGING_DEAD;
  }

  private StagingOwners stagingOwners(Set<UUID> deadOwners) {
    return new StagingOwners(meta, deadOwners, locks, clock);
  }

  /** Whose staging files are, in this round of sweeps. */
  StagingOwners stagingOwners() throws IOException {
    synchronized (sweeping) {
      return stagingOwners(lookWhoIsDead());
    }
  }

  /** Who was there when this instance came. */
  OwnerFiles.Census census() {
    return census;
  }

  /**
   * Removes the owner files of the dead, after every staging directory was {@linkplain #sweep
   * swept}: an owner file that goes first makes orphans of its staging files. Ends a round of
   * sweeps; the next looks again who is dead.
   *
   * <p>Of two that do this at once, one removes the file and the other finds it locked or gone.
   *
   * @return how many owner files were removed
   * @throws IOException if {@code .lmcache/} cannot be read, or written
   */
  public int removeDeadOwners() throws IOException {
    synchronized (sweeping) {
      int removed = 0;
      if (dead != null) {
        for (UUID of : dead) {
          if (!unfinished.contains(of) && OwnerFiles.remove(OwnerFiles.path(meta, of), locker)) {
            removed++;
          }
        }
      }
      dead = null;
      unfinished.clear();
      removeBegun();
      return removed;
    }
  }

  /** What was begun in {@code .lmcache/} and got no name. */
  private void removeBegun() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(meta, "*.new")) {
      for (Path file : files) {
        if (MetaDirectory.BEGUN.matcher(file.getFileName().toString()).matches()) {
          removeBegun(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void removeBegun(Path file) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isRegularFile() && stagingOwners(Set.of()).isAbandoned(attributes)) {
        OwnerFiles.remove(file, locker);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("{} got its name", file, e);
    }
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

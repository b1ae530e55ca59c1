// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what dead instances left in staging, and then their owner files, in rounds: one look who
 * is dead, sweeps of all places, the end.
 *
 * <p>Safe for use by many threads; one sweep at a time. Does I/O on the calling thread, under a
 * lock that nobody takes for anything else.
 */
final class StagingSweep {

  private static final Logger LOG = LoggerFactory.getLogger(StagingSweep.class);

  private final Path meta;
  private final UUID owner;
  private final boolean locks;
  private final Clock clock;
  private final FileLocks.Locker locker;

  /** Guards the fields below, and a sweep as a whole. */
  private final Object sweeping = new Object();

  /** Whose files the current round of sweeps removes; null between rounds. */
  private @Nullable Set<UUID> dead;

  /** Where they staged, relative to {@code base_path}. */
  private Set<String> deadStaging;

  /** Those of the dead whose places of staging are not known. */
  private Set<UUID> silent;

  /** Of these something could not be removed, so that their owner files must stay. */
  private final Set<UUID> unfinished = new HashSet<>();

  /**
   * The first round goes by a look that was had already.
   *
   * @param owner who sweeps, and is never swept
   * @param locks whether locks tell who lives
   */
  StagingSweep(
      Path meta,
      UUID owner,
      boolean locks,
      OwnerFiles.Census census,
      Clock clock,
      FileLocks.Locker locker) {
    this.meta = meta;
    this.owner = owner;
    this.locks = locks;
    this.clock = clock;
    this.locker = locker;
    this.dead = census.dead();
    this.deadStaging = census.staging();
    this.silent = census.silent();
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
  int sweep(Path stagingDirectory) throws IOException {
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
  int removeDeadOwners() throws IOException {
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
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.adapter.StoredObject;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One walk through a directory: has workers look at what stands under objects' names, counts the
 * rest, and if it may, removes what is worth nothing.
 *
 * <p>The visits are those of one thread, {@link #check} is the workers'.
 */
final class CheckWalk implements DirectoryScan.Visitor {

  /** How often another file may be found in place of one that was to be removed. */
  private static final int ATTEMPTS = 100;

  private final Path base;
  private final ObjectNames names;
  private final ObjectCheck check;
  private final CheckCounts counts;
  private final CheckWorkers workers;
  private final CheckWatcher watcher;
  private final StagingOwners owners;
  private final @Nullable Ownership repairer;

  /** Whether something could not be looked at, which may hide staging files. */
  private boolean hidden;

  /**
   * A walk.
   *
   * @param repairer whose right it is to remove things; null if nothing is to be removed
   */
  CheckWalk(
      Path base,
      ObjectNames names,
      ObjectCheck check,
      CheckCounts counts,
      CheckWorkers workers,
      CheckWatcher watcher,
      StagingOwners owners,
      @Nullable Ownership repairer) {
    this.base = base;
    this.names = names;
    this.check = check;
    this.counts = counts;
    this.workers = workers;
    this.watcher = watcher;
    this.owners = owners;
    this.repairer = repairer;
  }

  private void goOn() {
    if (watcher.isToStop()) {
      throw new CancellationException();
    }
    watcher.goesOn(counts::progress);
  }

  @Override
  public void object(StoredObject object, Path file) {
    goOn();
    workers.submit(() -> check(object.key(), file));
  }

  @Override
  public void empty(StoredObject object, Path file) {
    object(object, file);
  }

  @Override
  public void oldName(StoredObject object, String name, Path file) throws IOException {
    if (hasOwnName(object.key())) {
      foreign(file);
    } else {
      object(object, file);
    }
  }

  private boolean hasOwnName(ObjectKey key) throws IOException {
    try {
      return DirectoryScan.stat(base.resolve(names.of(key).path())) != null;
    } catch (UnsupportedKeyException e) {
      return false;
    }
  }

  @Override
  public void newer(Path file) {
    goOn();
    counts.add(CheckKind.NEWER, 0); // Of those that the scan knows none has a byte.
  }

  @Override
  public void foreign(Path file) {
    goOn();
    counts.add(CheckKind.FOREIGN, 0);
  }

  @Override
  public void unreadable(Path file, IOException failure) {
    goOn();
    if (Errno.isAbsence(failure)) {
      counts.addGone();
    } else {
      hidden = true;
      counts.add(CheckFinding.of(file, CheckKind.UNREADABLE, 0, Errno.reason(failure)));
    }
  }

  /** Looks at a file until it stays what it is, or is gone. */
  private void check(ObjectKey key, Path file) {
    if (watcher.isToStop()) {
      return;
    }
    byte[] digest = KeyDigest.of(key);
    for (int i = 0; i < ATTEMPTS; i++) {
      ObjectCheck.Found found = check.of(file, digest);
      if (found == null) {
        break;
      }
      if (settle(file, found)) {
        return;
      }
    }
    counts.addGone();
  }

  /** Counts a file, once it is removed if it is to be; false if it is another one by now. */
  private boolean settle(Path file, ObjectCheck.Found found) {
    CheckKind kind = found.kind();
    if (!kind.isProblem()) {
      counts.add(kind, kind == CheckKind.FOREIGN ? 0 : found.bytes());
      return true;
    }
    CheckFinding finding = CheckFinding.of(file, kind, found.bytes(), found.reason());
    FileIdentity identity = found.identity();
    if (repairer == null || identity == null || !kind.isRemovable()) {
      counts.add(finding);
      return true;
    }
    try {
      if (!check.remove(file, identity)) {
        return false;
      }
      counts.add(finding.gone());
    } catch (IOException e) {
      counts.add(finding.stays("it cannot be removed: " + Errno.reason(e)));
    }
    return true;
  }

  @Override
  public void staging(Path file) {
    goOn();
    UUID owner = StagingOwners.ownerOf(String.valueOf(RawPaths.utf8Name(file)));
    try {
      BasicFileAttributes stat = owner == null ? null : DirectoryScan.stat(file);
      if (owner == null || stat == null) {
        counts.addGone();
        return;
      }
      CheckKind kind = owners.kind(owner, stat);
      if (kind == CheckKind.STAGING_DEAD) {
        leftover(CheckFinding.of(file, kind, stat.size(), ""));
      } else {
        counts.add(kind, kind == CheckKind.FOREIGN ? 0 : stat.size());
      }
    } catch (IOException e) {
      unreadable(file, e);
    }
  }

  private void leftover(CheckFinding finding) throws IOException {
    if (repairer == null) {
      counts.add(finding);
    } else if (repairer.staging().sweepFile(finding.path())) {
      counts.add(finding.gone());
    } else if (Files.exists(finding.path(), LinkOption.NOFOLLOW_LINKS)) {
      counts.add(finding.stays("it cannot be removed"));
    } else {
      counts.addGone();
    }
  }

  /**
   * Visits what stands in other places than those that the walk itself comes through.
   *
   * @param places below {@code base_path}; one that is not there has nothing in it
   */
  void staged(Collection<Path> places) {
    staged(places, owner -> true);
  }

  private void staged(Collection<Path> places, Predicate<UUID> which) {
    for (Path place : places) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(place, ".lmc-*.tmp")) {
        for (Path file : files) {
          UUID owner = StagingOwners.ownerOf(String.valueOf(RawPaths.utf8Name(file)));
          if (owner != null && which.test(owner)) {
            staging(file);
          }
        }
      } catch (DirectoryIteratorException e) {
        unreadable(place, Objects.requireNonNull(e.getCause()));
      } catch (IOException e) {
        unreadable(place, e);
      }
    }
  }

  /**
   * Visits what some owners staged in places where nobody else of this directory stages: those of
   * another one may be below.
   */
  void stagedBy(Set<UUID> some, Collection<Path> places) {
    staged(places, some::contains);
  }

  /**
   * The owner files of the dead; the last of all, once all that they staged was visited. They stay
   * if not all of it was: their staging files would have no owner then.
   */
  void deadOwners(Set<UUID> dead) throws IOException {
    if (repairer != null && !hidden) {
      repairer.staging().removeDeadOwners();
    }
    String why =
        hidden
            ? "it stays while something cannot be read that it may have staged"
            : "it stays while something that it staged does";
    for (UUID owner : dead) {
      Path file = OwnerFiles.path(owners.meta(), owner);
      CheckFinding finding = CheckFinding.of(file, CheckKind.OWNER_DEAD, 0, "");
      boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      if (repairer != null) {
        counts.add(there ? finding.stays(why) : finding.gone());
      } else if (there) {
        counts.add(finding);
      } else {
        counts.addGone(); // Swept by an adapter that opened.
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Verifies every object of a directory, and counts what else is in it.
 *
 * <p>A check changes nothing, takes no part in the directory and may run beside adapters of any
 * kind; whose staging files are is told by the locks on the owner files. A repair joins as a shared
 * instance does, so that an exclusive one is not there meanwhile, and removes what a load or a
 * sweep would. Neither needs to know how an adapter is configured: the directory says it.
 *
 * <p>Immutable; does I/O on the calling thread and on those it is given. It cannot hang but in the
 * file system.
 */
public final class DirectoryCheck {

  /** As what a repair appears to others. */
  static final String TYPE = "fsck";

  private final Path base;
  private final ObjectNames names;
  private final boolean formatFile;
  private final boolean attributes;
  private final String fileSystem;

  /**
   * How to check.
   *
   * @param repair whether to remove what is worth nothing
   * @param threads how many read at the same time
   * @param mostFindings how much of what is wrong the report may name
   */
  public record Options(boolean repair, int threads, int mostFindings) {}

  private DirectoryCheck(Path base, ObjectNames names, boolean formatFile, FileStore store) {
    this.base = base;
    this.names = names;
    this.formatFile = formatFile;
    this.attributes = hasAttributes(store);
    this.fileSystem = store.type();
  }

  /**
   * Looks what kind of directory it is.
   *
   * @throws IOException if it is none, or none of this format; the message says why
   */
  public static DirectoryCheck of(Path directory) throws IOException {
    String refusal = refusal(directory);
    if (refusal != null) {
      throw new IOException(directory + " " + refusal);
    }
    Path base = directory.toAbsolutePath().normalize();
    boolean formatFile = FormatFile.isIn(base);
    FileStore store = Files.getFileStore(base);
    ObjectNames names = new ObjectNames(FormatFile.levels(base), hasAttributes(store));
    return new DirectoryCheck(base, names, formatFile, store);
  }

  /** Told without trying, which would write. */
  private static boolean hasAttributes(FileStore store) {
    return store.supportsFileAttributeView(UserDefinedFileAttributeView.class);
  }

  /** What is wrong with a path, whatever is in it; null if it can be a directory of objects. */
  public static @Nullable String refusal(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return "does not exist";
    }
    if (!Files.isDirectory(directory)) {
      return DirectorySetup.notADirectory(directory);
    }
    if (Files.exists(MetaDirectory.of(directory), LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    // Of a part of a directory nothing tells how it was written and who uses it.
    for (Path above = directory.toRealPath().getParent();
        above != null;
        above = above.getParent()) {
      if (MetaDirectory.isOurs(MetaDirectory.of(above))) {
        return "is a part of " + above + ", which has a " + MetaDirectory.NAME + "; check that";
      }
    }
    return null;
  }

  /**
   * Checks, and waits for the end.
   *
   * @param threads makes the threads that read; they end before this returns
   * @return what was found; not {@linkplain CheckReport#complete complete} if the watcher had it
   *     stopped
   * @throws IOException if the directory cannot be read at all, or if it is to be repaired and
   *     others use it in a way that excludes that
   */
  public CheckReport run(Options options, ThreadFactory threads, CheckWatcher watcher)
      throws IOException {
    return run(options, threads, watcher, Clock.systemUTC(), FileLocks.SYSTEM);
  }

  CheckReport run(
      Options options,
      ThreadFactory threads,
      CheckWatcher watcher,
      Clock clock,
      FileLocks.Locker locker)
      throws IOException {
    if (!options.repair()) {
      OwnerFiles.Census census = census(locker);
      StagingOwners owners =
          new StagingOwners(MetaDirectory.of(base), census.dead(), census.locks(), clock);
      return run(options, threads, watcher, census, owners, null);
    }
    Ownership ownership = join(clock, locker);
    Closeable asFound = ownership::closeAsFound;
    try (asFound) {
      return run(
          options,
          threads,
          watcher,
          ownership.census(),
          ownership.staging().stagingOwners(),
          ownership);
    }
  }

  private OwnerFiles.Census census(FileLocks.Locker locker) throws IOException {
    Path meta = MetaDirectory.of(base);
    return Files.isDirectory(meta)
        ? OwnerFiles.count(meta, UUID.randomUUID(), locker)
        : OwnerFiles.Census.NOBODY;
  }

  private Ownership join(Clock clock, FileLocks.Locker locker) throws IOException {
    DirectoryOptions plain = DirectoryOptions.of(base, TYPE);
    DirectoryOptions shared =
        new DirectoryOptions(
            base,
            plain.relativeStaging(),
            names.levels(),
            true,
            true,
            plain.directoryMode(),
            plain.fileMode(),
            plain.fsync(),
            TYPE);
    return DirectorySetup.take(shared, base, clock, locker);
  }

  private CheckReport run(
      Options options,
      ThreadFactory threads,
      CheckWatcher watcher,
      OwnerFiles.Census census,
      StagingOwners owners,
      @Nullable Ownership repairer)
      throws IOException {
    CheckCounts counts = new CheckCounts(options.mostFindings());
    ObjectCheck check =
        new ObjectCheck(
            attributes,
            base.getFileSystem().supportedFileAttributeViews().contains("unix"),
            watcher::isToStop,
            bytes -> {
              counts.addRead(bytes);
              watcher.goesOn(counts::progress);
            });
    boolean complete = false;
    try (CheckWorkers workers = new CheckWorkers(options.threads(), threads)) {
      CheckWalk walk =
          new CheckWalk(base, names, check, counts, workers, watcher, owners, repairer);
      Set<Path> places = stagingPlaces(census);
      walk.staged(places);
      if (!census.silent().isEmpty()) {
        walk.stagedBy(census.silent(), otherDirectories(places));
      }
      new DirectoryScan(base, places, names, attributes).walk(walk);
      workers.finish();
      if (!watcher.isToStop()) {
        walk.deadOwners(owners.dead());
        complete = true;
      }
    } catch (CancellationException e) {
      complete = false;
    }
    List<String> users = new ArrayList<>();
    census.known().forEach(owner -> users.add(owner.describe()));
    CheckReport.Place place =
        new CheckReport.Place(
            base, fileSystem, formatFile, names.levels(), attributes, users, census.live());
    return counts.report(place, options.repair(), complete);
  }

  /**
   * Where owners stage, but for the directories that a walk comes through anyway. What cannot be
   * looked at is among it, so that it is reported.
   */
  private Set<Path> stagingPlaces(OwnerFiles.Census census) {
    Set<String> relative = new TreeSet<>(census.staging());
    census.known().stream()
        .filter(OwnerRecord::isStagingAPath)
        .forEach(owner -> relative.add(owner.staging()));
    Set<Path> places = new TreeSet<>();
    for (String one : relative) {
      Path place = base.resolve(one).normalize();
      if (place.startsWith(base)
          && !isWalked(place)
          && (Files.isDirectory(place) || !(Files.exists(place) || Files.notExists(place)))) {
        places.add(place);
      }
    }
    return places;
  }

  /** All directories that a walk does not come through. */
  private List<Path> otherDirectories(Set<Path> places) throws IOException {
    List<Path> others = new ArrayList<>(StagingSearch.directories(base));
    others.removeIf(directory -> isWalked(directory) || places.contains(directory));
    return others;
  }

  private boolean isWalked(Path directory) {
    return directory.equals(base) || names.leadsToObjects(base.relativize(directory).toString());
  }
}

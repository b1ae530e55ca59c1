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
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files {@code owner-<uuid>} of a directory: one for each instance that uses it, or died. */
final class OwnerFiles {

  private static final Logger LOG = LoggerFactory.getLogger(OwnerFiles.class);

  private static final Pattern NAME = Pattern.compile("owner-(" + MetaDirectory.UUID_PATTERN + ")");

  private static final int MAX_BYTES = 4096;

  /**
   * Who was found.
   *
   * @param live how many owners live, or may live
   * @param known what those of them say whose files can be read, the oldest first
   * @param dead who has lost the lock on its file. Nobody comes back from there: an owner file is
   *     locked before it gets its name, and a name is never used again
   * @param staging where the dead staged, relative to {@code base_path}, as far as they say
   * @param silent those of the dead who do not say it, or not in words that are a path here
   * @param locks whether no file system without locks was met, where nobody is known to be dead
   */
  record Census(
      int live,
      List<OwnerRecord> known,
      Set<UUID> dead,
      Set<String> staging,
      Set<UUID> silent,
      boolean locks) {

    static final Census NOBODY = new Census(0, List.of(), Set.of(), Set.of(), Set.of(), true);
  }

  private enum Life {
    LIVING,
    DEAD,
    /** There are no locks. */
    UNKNOWN
  }

  private OwnerFiles() {}

  static Path path(Path meta, UUID owner) {
    return meta.resolve("owner-" + owner);
  }

  /** Its name until it says who has it. */
  static Path begun(Path meta, UUID owner) {
    return meta.resolve("owner-" + owner + ".new");
  }

  /**
   * Writes who has it, before the file gets its name.
   *
   * <p>Whoever could make room on a full disk must be able to begin: there the file may stay empty,
   * since what counts is its lock. But not in a directory that is new, which could not get its
   * {@link FormatFile} either: then it fails here, before it has a name.
   *
   * @param base {@code base_path}
   * @return false if it stayed empty
   */
  static boolean describe(
      Path file, FileLocks.Held held, Path base, DirectoryOptions options, Clock clock)
      throws IOException {
    boolean locks = held.unsupported() == null;
    try {
      held.write(file, OwnerRecord.ofThisProcess(options, clock, locks));
      return true;
    } catch (IOException e) {
      if (!locks || !DiskSpace.isMissing(e) || !FormatFile.isIn(base)) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Counts all but one.
   *
   * @param self who asks, and is not counted
   */
  static Census count(Path meta, UUID self, FileLocks.Locker locker) throws IOException {
    int live = 0;
    boolean locks = true;
    List<OwnerRecord> known = new ArrayList<>();
    Set<UUID> dead = new HashSet<>();
    Set<String> staging = new HashSet<>();
    Set<UUID> silent = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(meta)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (!name.matches() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        UUID owner = UUID.fromString(name.group(1));
        if (owner.equals(self)) {
          continue;
        }
        try {
          OwnerRecord ours = FileLocks.ownerInThisJvm(file);
          Last last = ours == null ? last(file, locker) : Last.LIVING;
          locks &= last.life() != Life.UNKNOWN;
          if (last.life() == Life.DEAD) {
            dead.add(owner);
            String place = last.staging();
            if (place == null) {
              silent.add(owner);
            } else if (!place.isEmpty()) {
              staging.add(place);
            }
          } else {
            OwnerRecord found = ours == null ? read(file) : ours;
            live++;
            if (found != null) {
              known.add(found);
            }
          }
        } catch (NoSuchFileException e) {
          LOG.debug("{} closed meanwhile", owner, e);
        } catch (FileSystemException e) {
          LOG.debug("nothing can be learned of {}, which is taken to live", owner, e);
          live++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    known.sort(Comparator.comparing(OwnerRecord::since));
    return new Census(
        live, List.copyOf(known), Set.copyOf(dead), Set.copyOf(staging), Set.copyOf(silent), locks);
  }

  /**
   * What is known of an owner.
   *
   * @param staging where one who is dead staged; null if that is not known
   */
  private record Last(Life life, @Nullable String staging) {
    static final Last LIVING = new Last(Life.LIVING, null);
  }

  /** Whose lock can be taken is dead; an owner that never had one may live all the same. */
  private static Last last(Path file, FileLocks.Locker locker) throws IOException {
    try (FileLocks.Held held = FileLocks.tryTake(file, false, locker)) {
      if (held == null) {
        return Last.LIVING;
      }
      if (held.unsupported() != null) {
        return new Last(Life.UNKNOWN, null);
      }
      OwnerRecord record = parse(file, held.read(MAX_BYTES));
      if (record == null) {
        return new Last(Life.DEAD, null);
      }
      String staging = record.isStagingAPath() ? record.staging() : null;
      return record.locks() ? new Last(Life.DEAD, staging) : Last.LIVING;
    }
  }

  private static @Nullable OwnerRecord read(Path file) throws IOException {
    byte[] content = FileLocks.read(file, MAX_BYTES);
    return content == null ? null : parse(file, content);
  }

  private static @Nullable OwnerRecord parse(Path file, byte[] content) {
    try {
      return OwnerRecord.of(content);
    } catch (FlatJson.MalformedException e) {
      LOG.debug("{} {}", file, e.getMessage());
      return null;
    }
  }

  /**
   * Removes a file of {@code .lmcache/} under its lock.
   *
   * @return false if it is locked, or gone
   */
  static boolean remove(Path file, FileLocks.Locker locker) throws IOException {
    try (FileLocks.Held held = FileLocks.tryTake(file, false, locker)) {
      return held != null && Files.deleteIfExists(file);
    } catch (NoSuchFileException e) {
      LOG.debug("{} was removed by another", file, e);
      return false;
    }
  }
}

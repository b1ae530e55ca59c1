// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.FileIdentity;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.nio.DirectIo.Way;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Stores objects: each is written to a file of its own and then renamed into its place, so that no
 * reader ever meets half of one. For any thread, one object of a key at a time.
 */
final class ObjectWriter {

  private final StagingFile.Manner manner;
  private final Inspector inspector;
  private final Removals removals;
  private final Durability durability;
  private final Path base;
  private final StagingNames names;
  private final Set<PosixFilePermission> directoryMode;

  ObjectWriter(
      StagingFile.Manner manner,
      Inspector inspector,
      Removals removals,
      Path base,
      StagingNames names,
      Set<PosixFilePermission> directoryMode) {
    this.manner = manner;
    this.inspector = inspector;
    this.removals = removals;
    this.durability = new Durability(manner.calls(), base);
    this.base = base;
    this.names = names;
    this.directoryMode = directoryMode;
  }

  /** Publishes an object in its place; on failure what was there stays. */
  void store(Place place, MemoryObject object) throws IOException {
    requireNothingForeign(place.path());
    StagingFile staged = stage(place, object);
    try {
      publish(staged.path(), place.path());
      manner.direct().stored(staged.way());
    } catch (IOException e) {
      staged.discard(e);
      throw FileErrors.of("publish", place.path(), e);
    } catch (RuntimeException | Error e) {
      staged.discard(e);
      throw e;
    }
  }

  private void requireNothingForeign(Path path) throws IOException {
    Inspector.Found found;
    try {
      found = inspector.inspect(path);
    } catch (IOException e) {
      throw FileErrors.of("look at what is to be replaced at", path, e);
    }
    if (found != null && found.isForeign()) {
      String what =
          found.identity().isRegular()
              ? "it is of a newer version of the format"
              : "it is no regular file";
      throw new StorageException(
          new L2Error(
              L2ErrorCode.ACCESS,
              Retry.NEVER,
              "EEXIST",
              "replace what is no object of ours at " + path + ": " + what + ", and stays"));
    }
  }

  private StagingFile stage(Place place, MemoryObject object) throws IOException {
    manner.direct().settle();
    Way way = manner.direct().way(object, "store", place.path());
    if (way.pastCache()) {
      StagingFile staged = next(place.path());
      try {
        staged.write(object, place.digest(), place.canonicalKey(), way);
        return staged;
      } catch (IOException | UnsupportedOperationException e) {
        staged.discard(e);
        IOException failure = e instanceof IOException io ? io : new IOException(e);
        boolean refused = e instanceof UnsupportedOperationException || DirectIo.isRefusal(failure);
        if (!refused) {
          throw FileErrors.of(staged.step(), place.path(), failure);
        }
        way = manner.direct().refused(staged.step(), place.path(), failure);
      } catch (RuntimeException | Error e) {
        staged.discard(e);
        throw e;
      }
    }
    StagingFile staged = next(place.path());
    try {
      staged.write(object, place.digest(), place.canonicalKey(), way);
      return staged;
    } catch (IOException e) {
      staged.discard(e);
      throw FileErrors.of(staged.step(), place.path(), e);
    } catch (RuntimeException | Error e) {
      staged.discard(e);
      throw e;
    }
  }

  private StagingFile next(Path target) {
    return new StagingFile(manner, names.next(), target);
  }

  /** Of an object that is there already: what a store answers must be so after a power loss. */
  void ensureDurable(Path path, FileIdentity identity) throws IOException {
    if (manner.fsync() == Fsync.FULL) {
      durability.ensure(path, identity);
    }
  }

  private void publish(Path staged, Path target) throws IOException {
    if (manner.fsync() != Fsync.FULL) {
      rename(staged, target);
      return;
    }
    FileIdentity written = inspector.identity(staged);
    try (FileChannel directory = inDirectory(target, () -> durability.prepare(target))) {
      renameOnce(staged, target);
      try {
        directory.force(true);
        FileIdentity published = inspector.identity(target);
        if (published != null && published.isSameFile(written)) {
          durability.remember(target, published);
        }
      } catch (IOException | RuntimeException | Error e) {
        withdraw(target, written, e);
        throw e;
      }
    }
  }

  private void rename(Path staged, Path target) throws IOException {
    inDirectory(
        target,
        () -> {
          renameOnce(staged, target);
          return target;
        });
  }

  private void renameOnce(Path staged, Path target) throws IOException {
    Lock lock = removals.lockOf(target);
    lock.lock();
    try {
      manner.calls().publish(staged, target);
    } finally {
      lock.unlock();
    }
  }

  /** What needs the directory of a file to be there. */
  private interface InDirectory<T> {
    T go() throws IOException;
  }

  /** Once more, if the directory has to be created first. */
  private <T> T inDirectory(Path file, InDirectory<T> work) throws IOException {
    try {
      return work.go();
    } catch (NoSuchFileException e) {
      Path directory = file.getParent();
      if (directory == null || directory.equals(base)) {
        throw e;
      }
      createDirectory(directory);
      return work.go();
    }
  }

  /** Not {@code base_path} itself: if that is gone, then another disk may be mounted there soon. */
  private void createDirectory(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent != null && !parent.equals(base) && Files.notExists(parent)) {
      createDirectory(parent);
    }
    try {
      if (manner.features().modes()) {
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(directoryMode);
        Files.createDirectory(directory, mode);
        Files.setPosixFilePermissions(directory, directoryMode); // The umask may have cut it.
      } else {
        Files.createDirectory(directory);
      }
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
  }

  /** A store that fails leaves nothing to be found, though what it replaced is lost. */
  private void withdraw(Path target, @Nullable FileIdentity written, Throwable because) {
    Lock lock = removals.lockOf(target);
    lock.lock();
    try {
      if (written != null && written.isSameFile(inspector.identity(target))) {
        Files.deleteIfExists(target);
      }
    } catch (IOException | RuntimeException e) {
      because.addSuppressed(e);
    } finally {
      lock.unlock();
    }
  }
}

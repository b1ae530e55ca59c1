// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.adapter.StorageException;
import io.lmcache.l2.fs.Checksum;
import io.lmcache.l2.fs.Fsync;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.l2.fs.nio.DirectIo.Way;
import io.lmcache.spi.L2Error;
import io.lmcache.spi.L2ErrorCode;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Retry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file that is being written, under a name that nobody else uses, until it is published or
 * discarded. For one thread.
 */
final class StagingFile {

  /**
   * What all staging files of an adapter have in common.
   *
   * @param mode the files' mode
   */
  record Manner(
      FileCalls calls,
      FileSystemFeatures features,
      AttributeAccess attributes,
      DirectIo direct,
      Set<PosixFilePermission> mode,
      Checksum checksum,
      Fsync fsync) {}

  private static final Set<OpenOption> CREATE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private final Manner manner;
  private final Path path;
  private final Path target;
  private boolean ours;
  private Way way = Way.USUAL;
  private String step = "create staging file for";

  /**
   * A file that is not there yet.
   *
   * @param path its own
   * @param target where it is to be published, which is what failures are told of
   */
  StagingFile(Manner manner, Path path, Path target) {
    this.manner = manner;
    this.path = path;
    this.target = target;
  }

  Path path() {
    return path;
  }

  /** Which way it was written. */
  Way way() {
    return way;
  }

  /** What was being done last; for the message, should it fail. */
  String step() {
    return step;
  }

  /**
   * Writes an object, its attributes, and syncs the file if that is configured.
   *
   * @param digest the key's
   * @param canonicalKey the key's canonical form, if the name of the file will not tell it
   */
  void write(MemoryObject object, byte[] digest, @Nullable String canonicalKey, Way way)
      throws IOException {
    this.way = way;
    boolean direct = way.pastCache();
    try (FileChannel channel = create(direct)) {
      CRC32C crc = manner.checksum() == Checksum.CRC32C ? new CRC32C() : null;
      int size = object.sizeBytes();
      step = "write staging file for";
      int bytes = direct ? manner.direct().transferBytes(object) : size;
      Transfer.write(channel, object, bytes, manner.direct().unit(), crc);
      if (bytes != size) {
        channel.truncate(size);
      }
      requireSize(channel.size(), size);
      step = "set attribute of staging file for";
      describe(
          crc == null
              ? ObjectAttribute.withoutChecksum(size, digest)
              : ObjectAttribute.withChecksum(size, (int) crc.getValue(), digest),
          canonicalKey);
      if (manner.fsync() != Fsync.NONE) {
        step = "sync staging file for";
        channel.force(false);
      }
      step = "close staging file for";
    }
  }

  private FileChannel create(boolean direct) throws IOException {
    FileAttribute<?>[] mode =
        manner.features().modes()
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(manner.mode())}
            : new FileAttribute<?>[0];
    ours = true; // Opened for direct I/O, it may be there although it could not be opened.
    FileChannel channel;
    try {
      channel = manner.calls().open(path, direct ? DirectIo.direct(CREATE) : CREATE, mode);
    } catch (FileAlreadyExistsException e) {
      ours = false;
      throw e;
    }
    try {
      if (manner.features().modes()) {
        Files.setPosixFilePermissions(path, manner.mode()); // The umask may have cut it.
      }
      return channel;
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private void requireSize(long found, long written) throws StorageException {
    if (found != written) {
      throw new StorageException(
          L2Error.of(
              L2ErrorCode.IO,
              Retry.LATER,
              "verify size of staging file for "
                  + target
                  + ": "
                  + found
                  + " bytes, but "
                  + written
                  + " were written"));
    }
  }

  private void describe(ObjectAttribute attribute, @Nullable String canonicalKey)
      throws IOException {
    try {
      manner.attributes().write(path, attribute, canonicalKey);
    } catch (IOException e) {
      if (FileErrors.isNoSpace(e) && !AttributeAccess.isDiskFull(path, e)) {
        // Eviction would not help.
        throw FileErrors.ofRefusedAttribute(step, target, e);
      }
      // What was sound for bytes need not be for attributes: it says nothing about direct I/O.
      throw FileErrors.of(step, target, e);
    }
  }

  /** Deletes it, if it is there and this object made it. */
  void discard(Throwable because) {
    if (!ours) {
      return;
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException | RuntimeException e) {
      because.addSuppressed(e); // Whoever opens the directory next sweeps it.
    }
  }
}

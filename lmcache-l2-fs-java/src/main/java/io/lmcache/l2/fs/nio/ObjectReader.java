// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.l2.fs.Errno;
import io.lmcache.l2.fs.FileIdentity;
import io.lmcache.l2.fs.ObjectAttribute;
import io.lmcache.l2.fs.Verdict;
import io.lmcache.l2.fs.nio.Counters.Count;
import io.lmcache.l2.fs.nio.DirectIo.Way;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Loads objects: opens, judges, reads, verifies. For any thread.
 *
 * <p>While it looks, others may rename a new file into the place. The open file and the attribute
 * belong together only if the identity of what is at the path was the same before and after. And a
 * file is called corrupt only if a second look, with an open and a read of its own, finds the same
 * file as bad: nothing that can happen between two looks then makes a sound file look damaged.
 */
final class ObjectReader {

  /** What one look at a file comes to. */
  private enum Look {
    LOADED,
    UNVERIFIED,
    SIZE_MISMATCH,
    CORRUPT,
    EMPTY,
    FOREIGN,
    /** The file was replaced meanwhile, or cut. */
    CHANGED
  }

  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final FileCalls calls;
  private final Inspector inspector;
  private final Removals removals;
  private final DirectIo direct;
  private final Counters counters;
  private final boolean verify;
  private final int readAhead;

  /**
   * A reader.
   *
   * @param verify whether checksums are compared
   * @param readAhead the length of the first read of a buffered load; 0 for no such read
   */
  ObjectReader(
      FileCalls calls,
      Inspector inspector,
      Removals removals,
      DirectIo direct,
      Counters counters,
      boolean verify,
      int readAhead) {
    this.calls = calls;
    this.inspector = inspector;
    this.removals = removals;
    this.direct = direct;
    this.counters = counters;
    this.verify = verify;
    this.readAhead = readAhead;
  }

  /** Loads an object of exactly the wanted size. */
  LoadOutcome load(Place place, MemoryObject object) throws IOException {
    Path path = place.path();
    FileIdentity identity = inspector.identity(path);
    if (identity == null) {
      return LoadOutcome.NOT_FOUND;
    }
    Way way = direct.way(object, "load", path);
    byte[] digest = place.digest();
    FileIdentity suspect = null;
    for (int i = 0; i < Inspector.ATTEMPTS && identity != null; i++) {
      Look look;
      try {
        look = look(path, identity, digest, object, way.pastCache());
      } catch (IOException | UnsupportedOperationException e) {
        IOException failure = e instanceof IOException io ? io : new IOException(e);
        if (Errno.of(failure).equals("ESTALE")) {
          return LoadOutcome.NOT_FOUND;
        }
        boolean refused = e instanceof UnsupportedOperationException || DirectIo.isRefusal(failure);
        if (Inspector.isReplaced(failure)) {
          look = Look.CHANGED;
        } else if (way.pastCache() && refused) {
          way = direct.refused("load", path, failure);
          look = Look.CHANGED;
        } else {
          throw failure;
        }
      }
      if (look == Look.CORRUPT && !identity.equals(suspect)) {
        suspect = identity;
      } else if (look != Look.CHANGED) {
        LoadOutcome outcome = conclude(look, path, identity);
        if (outcome != null) {
          if (outcome == LoadOutcome.LOADED) {
            direct.loaded(way);
          }
          return outcome;
        }
      }
      identity = inspector.identity(path);
    }
    if (identity == null) {
      return LoadOutcome.NOT_FOUND;
    }
    throw Inspector.restless("load", path);
  }

  private Look look(
      Path path, FileIdentity identity, byte[] digest, MemoryObject object, boolean pastCache)
      throws IOException {
    if (!identity.isRegular()) {
      return Look.FOREIGN; // A look at a pipe would wait for whoever writes to it.
    }
    try (FileChannel channel = calls.open(path, pastCache ? DirectIo.direct(READ) : READ)) {
      ObjectAttribute.State attribute = inspector.attributeOf(path);
      if (attribute == null || !identity.equals(inspector.identity(path))) {
        return Look.CHANGED;
      }
      return switch (Verdict.judge(object.sizeBytes(), identity.sizeBytes(), attribute, digest)) {
        case CORRUPT -> Look.CORRUPT;
        case FOREIGN -> Look.FOREIGN;
        case SIZE_MISMATCH -> Look.SIZE_MISMATCH;
        case EMPTY -> Look.EMPTY;
        case UNVERIFIED -> read(channel, object, pastCache, null) ? Look.UNVERIFIED : Look.CHANGED;
        case VERIFY -> verified(channel, object, pastCache, attribute);
      };
    }
  }

  private Look verified(
      FileChannel channel, MemoryObject object, boolean pastCache, ObjectAttribute.State state)
      throws IOException {
    ObjectAttribute attribute = ((ObjectAttribute.State.Present) state).attribute();
    CRC32C crc = verify && attribute.hasChecksum() ? new CRC32C() : null;
    if (!read(channel, object, pastCache, crc)) {
      return Look.CORRUPT;
    }
    return crc == null || attribute.agreesWith((int) crc.getValue()) ? Look.LOADED : Look.CORRUPT;
  }

  private boolean read(
      FileChannel channel, MemoryObject object, boolean pastCache, @Nullable CRC32C crc)
      throws IOException {
    int size = object.sizeBytes();
    return pastCache
        ? Transfer.read(
            channel,
            object,
            direct.transferBytes(object),
            Math.max(Transfer.PIECE, direct.unit()),
            direct.unit(),
            crc)
        : Transfer.read(channel, object, size, readAhead > 0 ? readAhead : Transfer.PIECE, 1, crc);
  }

  /** Counts and tidies up; null if the file is another one by now and must be looked at. */
  private @Nullable LoadOutcome conclude(Look look, Path path, FileIdentity identity)
      throws IOException {
    return switch (look) {
      case LOADED -> LoadOutcome.LOADED;
      case UNVERIFIED -> {
        counters.add(Count.UNVERIFIED);
        yield LoadOutcome.LOADED;
      }
      case SIZE_MISMATCH -> {
        counters.add(Count.SIZE_MISMATCH);
        yield LoadOutcome.SIZE_MISMATCH;
      }
      case FOREIGN -> {
        counters.add(Count.FOREIGN);
        yield LoadOutcome.NOT_FOUND;
      }
      case EMPTY -> {
        counters.add(Count.EMPTY);
        removals.removeEmpty(path, identity);
        yield LoadOutcome.NOT_FOUND;
      }
      case CORRUPT -> corrupt(path, identity);
      case CHANGED -> null;
    };
  }

  private @Nullable LoadOutcome corrupt(Path path, FileIdentity identity) throws IOException {
    Removals.Removal removal = removals.removeCorrupt(path, identity);
    if (removal == Removals.Removal.CHANGED) {
      return null;
    }
    counters.add(Count.CORRUPT);
    if (removal == Removals.Removal.KEPT) {
      counters.add(Count.CORRUPT_KEPT);
    }
    return LoadOutcome.CORRUPT;
  }
}

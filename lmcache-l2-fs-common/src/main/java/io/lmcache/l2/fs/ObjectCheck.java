// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a file under an object's name is worth, as a load would, though nobody wants a certain
 * length of it.
 *
 * <p>As in a load, others may replace the file meanwhile: attribute and open file belong together
 * only if the identity of what is at the path was the same before and after, and what is to be
 * removed is named so only once a second look, with an open and a read of its own, has come to the
 * same of the same file. A file that is published is not written any more, so that its bytes may be
 * read to the end once it is open, whatever takes its place.
 *
 * <p>Safe for use by many threads; each look needs one buffer of {@value #PIECE} bytes. It cannot
 * hang but in the file system: pipes and devices are not opened, and looks are counted.
 */
final class ObjectCheck {

  private static final int PIECE = 1 << 20;

  /** How often a file may be replaced under our eyes before we give up. */
  private static final int ATTEMPTS = 100;

  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final boolean attributes;
  private final boolean inodes;
  private final BooleanSupplier stop;
  private final LongConsumer read;
  private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  /**
   * A check.
   *
   * @param attributes whether files can have attributes
   * @param inodes whether files have numbers
   * @param stop asked before each piece of a file
   * @param read told of each piece
   */
  ObjectCheck(boolean attributes, boolean inodes, BooleanSupplier stop, LongConsumer read) {
    this.attributes = attributes;
    this.inodes = inodes;
    this.stop = stop;
    this.read = read;
  }

  /**
   * What a file is.
   *
   * @param identity null if it could not even be looked at
   * @param reason why it is that; empty if it is as it should be
   */
  record Found(CheckKind kind, @Nullable FileIdentity identity, String reason) {

    long bytes() {
      return identity == null ? 0 : identity.sizeBytes();
    }
  }

  /**
   * Looks at a file.
   *
   * @param digest the {@link KeyDigest} of the key that its name says
   * @return null if it is gone
   * @throws CancellationException if it is to stop
   */
  @Nullable Found of(Path file, byte[] digest) {
    FileIdentity suspect = null;
    for (int i = 0; i < ATTEMPTS; i++) {
      FileIdentity identity = null;
      try {
        identity = FileIdentity.of(file, inodes);
        if (identity == null) {
          return null;
        }
        Found found = look(file, identity, digest);
        if (found != null) {
          if (!found.kind().isRemovable() || identity.equals(suspect)) {
            return found;
          }
          suspect = identity;
        }
      } catch (IOException e) {
        if (identity == null || isStill(file, identity)) {
          return new Found(CheckKind.UNREADABLE, identity, Errno.reason(e));
        }
      }
    }
    return new Found(
        CheckKind.UNREADABLE, null, "it was replaced " + ATTEMPTS + " times while it was read");
  }

  private boolean isStill(Path file, FileIdentity identity) {
    try {
      return identity.equals(FileIdentity.of(file, inodes));
    } catch (IOException e) {
      return true;
    }
  }

  /** Null if the file was replaced meanwhile. */
  private @Nullable Found look(Path file, FileIdentity identity, byte[] digest) throws IOException {
    if (!identity.isRegular()) {
      return new Found(CheckKind.FOREIGN, identity, "");
    }
    try (FileChannel channel = FileChannel.open(file, READ)) {
      ObjectAttribute.State attribute =
          attributes ? FileAttributes.state(file) : ObjectAttribute.State.ABSENT;
      if (!identity.equals(FileIdentity.of(file, inodes))) {
        return null;
      }
      long bytes = identity.sizeBytes();
      // Any length is as wanted, but none where only a crash explains it.
      boolean nothing = bytes == 0 && attributes && attribute == ObjectAttribute.State.ABSENT;
      return switch (Verdict.judge(nothing ? 1 : bytes, bytes, attribute, digest)) {
        case CORRUPT -> corrupt(identity, disagreement(attribute, bytes));
        case FOREIGN -> new Found(CheckKind.NEWER, identity, "");
        case EMPTY -> new Found(CheckKind.EMPTY, identity, "");
        case UNVERIFIED -> new Found(CheckKind.UNVERIFIED, identity, "");
        case VERIFY -> verified(channel, identity, attribute);
        case SIZE_MISMATCH -> throw new IllegalStateException("its own length is wanted: " + file);
      };
    }
  }

  private static Found corrupt(FileIdentity identity, String reason) {
    return new Found(CheckKind.CORRUPT, identity, reason);
  }

  private static String disagreement(ObjectAttribute.State state, long bytes) {
    if (!(state instanceof ObjectAttribute.State.Present present)) {
      return "its attribute is damaged";
    }
    return present.attribute().length() == bytes
        ? "its attribute is another key's"
        : "its attribute says " + present.attribute().length() + " bytes, the file has " + bytes;
  }

  private Found verified(FileChannel channel, FileIdentity identity, ObjectAttribute.State state)
      throws IOException {
    ObjectAttribute attribute = ((ObjectAttribute.State.Present) state).attribute();
    if (!attribute.hasChecksum()) {
      return new Found(CheckKind.NO_CHECKSUM, identity, "");
    }
    CRC32C crc = new CRC32C();
    return read(channel, identity.sizeBytes(), crc) && attribute.agreesWith((int) crc.getValue())
        ? new Found(CheckKind.VERIFIED, identity, "")
        : corrupt(identity, "its bytes do not match their checksum");
  }

  /** False if the file ended before. */
  private boolean read(FileChannel channel, long bytes, CRC32C crc) throws IOException {
    ByteBuffer pooled = buffers.poll();
    ByteBuffer buffer = pooled == null ? ByteBuffer.allocateDirect(PIECE) : pooled;
    try {
      for (long at = 0; at < bytes; ) {
        if (stop.getAsBoolean()) {
          throw new CancellationException();
        }
        buffer.clear().limit((int) Math.min(PIECE, bytes - at));
        int count = channel.read(buffer, at);
        if (count <= 0) {
          return false;
        }
        crc.update(buffer.flip());
        at += count;
        read.accept(count);
      }
      return true;
    } finally {
      buffers.add(buffer);
    }
  }

  /**
   * Removes a file that was found to be worth nothing, if it is still the same. Between that look
   * and the removal another process may put a sound file there: the gap of two system calls that a
   * load leaves too.
   *
   * @return false if another is there by now, or none
   */
  boolean remove(Path file, FileIdentity found) throws IOException {
    return found.equals(FileIdentity.of(file, inodes)) && Files.deleteIfExists(file);
  }
}

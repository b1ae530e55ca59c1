// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import io.lmcache.spi.MemoryObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Moves an object's bytes between memory and a file, piece by piece: the checksum of a piece is
 * computed while the processor's cache still holds it.
 */
final class Transfer {

  /** Fits the cache of one processor; large enough that a call costs nothing beside it. */
  static final int PIECE = 1 << 20;

  private Transfer() {}

  /**
   * Writes a whole object from the beginning of the file on.
   *
   * @param bytes how much to write: the object's size, or more of its declared padding
   * @param crc gets the object's bytes, and none of the padding; null for no checksum
   */
  static void write(
      FileChannel channel, MemoryObject object, int bytes, int unit, @Nullable CRC32C crc)
      throws IOException {
    ByteBuffer memory = object.physical().asReadOnlyBuffer();
    int size = object.sizeBytes();
    int piece = Math.max(PIECE, unit);
    for (int at = 0; at < bytes; ) {
      int length = Math.min(piece, bytes - at);
      if (crc != null && at < size) {
        crc.update(memory.slice(at, Math.min(length, size - at)));
      }
      ByteBuffer rest = memory.slice(at, length);
      while (rest.hasRemaining()) {
        channel.write(rest, (long) at + rest.position());
      }
      at += length;
    }
  }

  /**
   * Reads a whole object from the beginning of the file.
   *
   * @param bytes how much to ask for: the object's size, or more of its declared padding
   * @param first the length of the first read
   * @param crc gets the object's bytes, and none of the padding; null for no checksum
   * @return false if the file ended before
   */
  static boolean read(
      FileChannel channel,
      MemoryObject object,
      int bytes,
      int first,
      int unit,
      @Nullable CRC32C crc)
      throws IOException {
    ByteBuffer memory = object.physical().limit(bytes);
    int size = object.sizeBytes();
    int piece = Math.min(first, bytes);
    int next = Math.max(PIECE, unit);
    int at = 0;
    while (at < size) {
      ByteBuffer rest = memory.slice(at, Math.min(piece, bytes - at));
      int read = channel.read(rest, at);
      if (read <= 0) {
        return false;
      }
      if (crc != null) {
        crc.update(memory.slice(at, Math.min(read, size - at)));
      }
      at += read;
      piece = next;
    }
    return true;
  }
}

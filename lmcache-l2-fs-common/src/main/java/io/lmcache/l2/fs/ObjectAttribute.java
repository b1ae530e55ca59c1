// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of itself in the extended attribute {@code user.lmcache}: how long its payload
 * is, what its checksum is, and whose it is.
 *
 * <p>36 bytes, little endian: version (1 byte, 1), flags (1), size of the attribute (2), length of
 * the payload (8), CRC-32C of the payload (4), key digest (16), CRC-32C of all before (4). In every
 * version byte 0 is the version and the last four bytes are that checksum, so an attribute of a
 * newer version can be told from a damaged one.
 *
 * <p>Immutable; safe for use by many threads.
 *
 * @param length of the payload in bytes, which is the file's; not negative
 * @param hasChecksum whether {@code crc32c} is one
 * @param crc32c of the payload; 0 if there is none
 * @param keyDigest {@link KeyDigest#BYTES} bytes; copied
 */
@SuppressWarnings("ArrayRecordComponent") // Copied on the way in and out, compared by content.
public record ObjectAttribute(long length, boolean hasChecksum, int crc32c, byte[] keyDigest) {

  /** The attribute's name in Java's view {@code user}. */
  public static final String NAME = "lmcache";

  /** The attribute's name to Linux. */
  public static final String LINUX_NAME = "user.lmcache";

  /**
   * In Java's view {@code user}, the attribute that holds the canonical form of the key, in UTF-8;
   * only a file with a digest name has it.
   */
  public static final String KEY_NAME = "lmcache.key";

  /** {@link #KEY_NAME} to Linux. */
  public static final String LINUX_KEY_NAME = "user.lmcache.key";

  /** The size of an encoded attribute. */
  public static final int BYTES = 36;

  /** No version is smaller. */
  static final int MIN_BYTES = 8;

  /** No version is larger; whoever reads one needs no larger buffer. */
  public static final int MAX_BYTES = 256;

  private static final int VERSION = 1;
  private static final int FLAG_CHECKSUM = 1;

  /** What reading the attribute of a file comes to. */
  public sealed interface State {

    /** The file has no attribute: others wrote it, or the file system keeps none. */
    State ABSENT = Unread.ABSENT;

    /** The attribute is damaged. */
    State MALFORMED = Unread.MALFORMED;

    /** The attribute is whole, but says what only a newer version of this format understands. */
    State NEWER = Unread.NEWER;

    /** The attribute. */
    record Present(ObjectAttribute attribute) implements State {}
  }

  private enum Unread implements State {
    ABSENT,
    MALFORMED,
    NEWER
  }

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if a rule is broken
   */
  public ObjectAttribute {
    if (length < 0) {
      throw new IllegalArgumentException("length must be >= 0, got " + length);
    }
    if (!hasChecksum && crc32c != 0) {
      throw new IllegalArgumentException("crc32c must be 0 if there is none, got " + crc32c);
    }
    if (keyDigest.length != KeyDigest.BYTES) {
      throw new IllegalArgumentException(
          "a key digest has " + KeyDigest.BYTES + " bytes, got " + keyDigest.length);
    }
    keyDigest = keyDigest.clone();
  }

  /** The attribute of a payload with a checksum. */
  public static ObjectAttribute withChecksum(long length, int crc32c, byte[] keyDigest) {
    return new ObjectAttribute(length, true, crc32c, keyDigest);
  }

  /** The attribute of a payload without a checksum. */
  public static ObjectAttribute withoutChecksum(long length, byte[] keyDigest) {
    return new ObjectAttribute(length, false, 0, keyDigest);
  }

  /** A copy of the key digest. */
  @Override
  public byte[] keyDigest() {
    return keyDigest.clone();
  }

  /** Whether the file is bound to the key with this digest. */
  public boolean isOf(byte[] digest) {
    return Arrays.equals(keyDigest, digest);
  }

  /** Whether a payload with this checksum may be the file's: it is, or there is nothing to say. */
  public boolean agreesWith(int payloadCrc32c) {
    return !hasChecksum || crc32c == payloadCrc32c;
  }

  /** The bytes to write. */
  public byte[] encode() {
    ByteBuffer raw = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.put((byte) VERSION).put((byte) (hasChecksum ? FLAG_CHECKSUM : 0)).putShort((short) BYTES);
    raw.putLong(length).putInt(crc32c).put(keyDigest);
    raw.putInt(checksumOf(raw.array(), BYTES - Integer.BYTES));
    return raw.array();
  }

  /**
   * Reads an attribute.
   *
   * @param bytes all of it, or null if the file has none
   */
  public static State read(byte @Nullable [] bytes) {
    if (bytes == null) {
      return State.ABSENT;
    }
    if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
      return State.MALFORMED;
    }
    ByteBuffer raw = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int end = bytes.length - Integer.BYTES;
    int version = Byte.toUnsignedInt(raw.get());
    if (version == 0 || raw.getInt(end) != checksumOf(bytes, end)) {
      return State.MALFORMED;
    }
    return version == VERSION ? readVersion1(raw) : State.NEWER;
  }

  private static State readVersion1(ByteBuffer raw) {
    int flags = Byte.toUnsignedInt(raw.get());
    int size = Short.toUnsignedInt(raw.getShort());
    if (size != BYTES || raw.capacity() != BYTES) {
      return State.MALFORMED;
    }
    if ((flags & ~FLAG_CHECKSUM) != 0) {
      return State.NEWER; // The fields need not mean what they meant.
    }
    long length = raw.getLong();
    int crc32c = raw.getInt();
    if (length < 0) {
      return State.MALFORMED;
    }
    byte[] keyDigest = new byte[KeyDigest.BYTES];
    raw.get(keyDigest);
    return new State.Present(
        (flags & FLAG_CHECKSUM) == 0
            ? withoutChecksum(length, keyDigest)
            : withChecksum(length, crc32c, keyDigest));
  }

  private static int checksumOf(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ObjectAttribute that
        && length == that.length
        && hasChecksum == that.hasChecksum
        && crc32c == that.crc32c
        && Arrays.equals(keyDigest, that.keyDigest);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Long.hashCode(length) + crc32c) + Arrays.hashCode(keyDigest);
  }

  @Override
  public String toString() {
    return "length "
        + length
        + (hasChecksum ? ", crc32c " + HexFormat.of().toHexDigits(crc32c) : ", no checksum")
        + ", key digest "
        + HexFormat.of().formatHex(keyDigest);
  }
}

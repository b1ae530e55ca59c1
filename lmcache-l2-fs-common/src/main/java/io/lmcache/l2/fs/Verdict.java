// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

/**
 * What a file that stands under a key's name is worth: the one table of it, for loads by {@link
 * #judge} and for stores by {@link Standing#judge}.
 *
 * <p>Neither does I/O. Sizes are in bytes.
 */
public enum Verdict {

  /**
   * The attribute is damaged, says another length than the file has, or belongs to another key.
   * Outcome {@code CORRUPT}, counted as corrupt. The file is removed, but only after a second,
   * independent open has come to the same verdict on the same inode, only if device, inode and
   * ctime are still those, and only within {@link RemovalLimit}. A payload that does not match its
   * checksum comes to the same.
   */
  CORRUPT,

  /**
   * The attribute is of a newer version of this format. Outcome {@code NOT_FOUND}, counted as
   * foreign. The file is kept, and no store replaces it.
   */
  FOREIGN,

  /**
   * The file is whole, or may be, but not of the wanted length. Outcome {@code SIZE_MISMATCH}. The
   * file is kept; the next store replaces it.
   */
  SIZE_MISMATCH,

  /**
   * The attribute agrees with the file, the key and the wanted length. The wanted bytes are read
   * and, if the attribute {@linkplain ObjectAttribute#hasChecksum() has a checksum}, compared with
   * it: outcome {@code LOADED}, or what {@link #CORRUPT} says. The file is kept if it agrees.
   */
  VERIFY,

  /**
   * There is no attribute and no byte: what a crash leaves of a file that was not synced. Outcome
   * {@code NOT_FOUND}. The file is removed.
   */
  EMPTY,

  /**
   * There is no attribute, but the length is right: as wanted, or as upstream pads a payload of the
   * wanted length to the alignment of direct I/O. The wanted bytes are read, the padding is not.
   * Outcome {@code LOADED}, counted as unverified. The file is kept.
   */
  UNVERIFIED;

  private static final long SMALLEST_ALIGNMENT = 512;
  private static final long LARGEST_ALIGNMENT = 65_536;

  /** What becomes of a file under a key's name when that key is stored only if it is absent. */
  public enum Standing {

    /** The object is there. Outcome {@code ALREADY_PRESENT}; nothing is written. */
    ALREADY_PRESENT,

    /** The file is not the object, or not whole: it is replaced. */
    REPLACE,

    /**
     * The file is of a newer version of this format: it is not touched, the store fails. A store
     * that replaces must ask too.
     */
    FOREIGN;

    /**
     * Judges a file by what is known without reading its payload.
     *
     * @param storedBytes the length of the payload to be stored
     * @param fileBytes the length of the file
     * @param attribute the file's
     * @param keyDigest the key's {@link KeyDigest}
     */
    public static Standing judge(
        long storedBytes, long fileBytes, ObjectAttribute.State attribute, byte[] keyDigest) {
      checkSizes(storedBytes, fileBytes);
      if (attribute == ObjectAttribute.State.NEWER) {
        return FOREIGN;
      }
      boolean stands =
          attribute == ObjectAttribute.State.ABSENT || agrees(attribute, fileBytes, keyDigest);
      return stands && storedBytes == fileBytes ? ALREADY_PRESENT : REPLACE;
    }
  }

  /**
   * Judges a file before its payload is read.
   *
   * @param wantedBytes the length of the payload that is wanted
   * @param fileBytes the length of the file
   * @param attribute the file's
   * @param keyDigest the {@link KeyDigest} of the wanted key
   */
  public static Verdict judge(
      long wantedBytes, long fileBytes, ObjectAttribute.State attribute, byte[] keyDigest) {
    checkSizes(wantedBytes, fileBytes);
    if (attribute == ObjectAttribute.State.NEWER) {
      return FOREIGN;
    }
    if (attribute == ObjectAttribute.State.ABSENT) {
      return withoutAttribute(wantedBytes, fileBytes);
    }
    if (!agrees(attribute, fileBytes, keyDigest)) {
      return CORRUPT;
    }
    return wantedBytes == fileBytes ? VERIFY : SIZE_MISMATCH;
  }

  private static boolean agrees(ObjectAttribute.State attribute, long fileBytes, byte[] keyDigest) {
    return attribute instanceof ObjectAttribute.State.Present present
        && present.attribute().length() == fileBytes
        && present.attribute().isOf(keyDigest);
  }

  private static Verdict withoutAttribute(long wantedBytes, long fileBytes) {
    if (fileBytes == 0 && wantedBytes > 0) {
      return EMPTY;
    }
    return fileBytes == wantedBytes || isPadded(wantedBytes, fileBytes)
        ? UNVERIFIED
        : SIZE_MISMATCH;
  }

  private static boolean isPadded(long wantedBytes, long fileBytes) {
    for (long alignment = SMALLEST_ALIGNMENT; alignment <= LARGEST_ALIGNMENT; alignment *= 2) {
      // Rounded up; what overflows is negative, and no file's length.
      if (((wantedBytes + alignment - 1) & -alignment) == fileBytes) {
        return true;
      }
    }
    return false;
  }

  private static void checkSizes(long objectBytes, long fileBytes) {
    if (objectBytes < 0 || fileBytes < 0) {
      throw new IllegalArgumentException(
          "lengths must be >= 0, got " + objectBytes + " and " + fileBytes);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a directory of objects: which file in which sub-directory is whose.
 *
 * <p>A key has one place, and a place has at most one key. A file that would be somebody's name but
 * stands in another directory than that key's is foreign: nobody would ever find it there.
 *
 * <p>Immutable; safe for use by many threads; does no I/O.
 */
public final class ObjectNames {

  /** The most levels of sub-directories. */
  public static final int MAX_LEVELS = 2;

  private static final int DIGITS_PER_LEVEL = 2;

  private final int levels;
  private final boolean attributes;

  /**
   * A layout.
   *
   * @param hashSubdirLevels {@code hash_subdir_levels}: 0 for a flat directory; 1 and 2 for
   *     sub-directories named after the first bytes of the chunk hash
   * @param attributes whether the file system keeps extended attributes, which names over {@link
   *     ObjectFileNames#NAME_MAX} need
   */
  public ObjectNames(int hashSubdirLevels, boolean attributes) {
    if (hashSubdirLevels < 0 || hashSubdirLevels > MAX_LEVELS) {
      throw new IllegalArgumentException(
          "hash_subdir_levels must be 0.." + MAX_LEVELS + ", got " + hashSubdirLevels);
    }
    this.levels = hashSubdirLevels;
    this.attributes = attributes;
  }

  /** {@code hash_subdir_levels}. */
  public int levels() {
    return levels;
  }

  /** The longest canonical form of a key, in bytes, of which a name may exist. */
  public int maxKeyBytes() {
    return attributes ? ObjectKey.MAX_CANONICAL_BYTES : ObjectFileNames.MAX_PLAIN_KEY_BYTES;
  }

  /**
   * The place of a key.
   *
   * @throws UnsupportedKeyException if it has none; the message says why and what to do
   */
  public ObjectName of(ObjectKey key) throws UnsupportedKeyException {
    String name = ObjectFileNames.plainName(key);
    boolean digest = !ObjectFileNames.fits(name);
    if (digest) {
      if (!attributes) {
        throw ObjectFileNames.tooLong(
            key,
            name,
            "the file system of base_path keeps no extended attributes, which longer ones need; use"
                + " one that does, or a shorter model name or salt");
      }
      name = ObjectFileNames.digestName(key);
    }
    return new ObjectName(directoryOf(key), name, digest);
  }

  /** The same as {@link #decode(String, String, UnaryOperator)} with strings of its own. */
  public @Nullable ObjectKey decode(String directory, String file) {
    return decode(directory, file, UnaryOperator.identity());
  }

  /**
   * The key of a file, or null if the file is not ours or stands in the wrong directory. A digest
   * name has none here, see {@link #decodeDigest}.
   *
   * @param directory relative to {@code base_path}, as in {@link ObjectName#directory()}
   * @param intern gives one string for all equal ones; asked for the model's name and the salt
   */
  public @Nullable ObjectKey decode(String directory, String file, UnaryOperator<String> intern) {
    // Length first: of a wrong directory nothing need be parsed.
    if (directory.length() != directoryLength()) {
      return null;
    }
    return inItsPlace(directory, ObjectFileNames.decode(file, intern));
  }

  /**
   * The key of a file with a digest name, or null if the file is not ours, or the key is not the
   * one that it is named after, or it stands in the wrong directory.
   *
   * @param canonicalKey what the attribute {@link ObjectAttribute#KEY_NAME} says
   */
  public @Nullable ObjectKey decodeDigest(String directory, String file, String canonicalKey) {
    if (!attributes || directory.length() != directoryLength()) {
      return null;
    }
    return inItsPlace(directory, ObjectFileNames.decodeDigest(file, canonicalKey));
  }

  private @Nullable ObjectKey inItsPlace(String directory, @Nullable ObjectKey key) {
    return key != null && (levels == 0 || directory.equals(directoryOf(key))) ? key : null;
  }

  /**
   * Whether a directory, relative to {@code base_path}, is one that objects of this layout stand
   * in. {@code ""} is with no levels; {@code ab} is not with two, but see {@link
   * #leadsToObjects(String)}.
   */
  public boolean isObjectDirectory(String relative) {
    return relative.length() == directoryLength() && isHexPath(relative);
  }

  /**
   * Whether objects of this layout may stand in a directory or below it: what a scan descends into.
   */
  public boolean leadsToObjects(String relative) {
    return relative.length() <= directoryLength() && isHexPath(relative);
  }

  /** Pairs of lower-case digits with slashes between them, or nothing at all. */
  private static boolean isHexPath(String relative) {
    int step = DIGITS_PER_LEVEL + 1;
    if (!relative.isEmpty() && relative.length() % step != DIGITS_PER_LEVEL) {
      return false;
    }
    for (int i = 0; i < relative.length(); i++) {
      char c = relative.charAt(i);
      boolean right =
          i % step == DIGITS_PER_LEVEL ? c == '/' : ObjectFileNames.isLowerCaseHexDigit(c);
      if (!right) {
        return false;
      }
    }
    return true;
  }

  private int directoryLength() {
    return levels == 0 ? 0 : levels * (DIGITS_PER_LEVEL + 1) - 1;
  }

  private String directoryOf(ObjectKey key) {
    if (levels == 0) {
      return "";
    }
    String hash = key.chunkHashHex();
    int digits = levels * DIGITS_PER_LEVEL;
    if (hash.length() < digits) {
      hash += "0".repeat(digits - hash.length());
    }
    String first = hash.substring(0, DIGITS_PER_LEVEL);
    return levels == 1 ? first : first + "/" + hash.substring(DIGITS_PER_LEVEL, digits);
  }
}
